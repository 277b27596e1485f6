#include "agent/manager/solver/dns_message.hpp"

#include "agent/manager/solver/dns_exchange.hpp"
#include "agent/manager/solver/ldns.hpp"
#include "agent/text.hpp"

#include <algorithm>

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace sealring::agent {
namespace {

using namespace ldns;

// Of UDP answers, so that none is cut into fragments (as DNS Flag Day 2020 has it).
constexpr std::uint16_t udp_size = 1232;
constexpr std::uint16_t seconds_of_difference = 300;  // RFC 8945 section 10: the recommended fudge

result<owned_name> to_name(const std::string& text) {
  owned_name name(ldns_dname_new_frm_str((text + ".").c_str()));
  if (!name) return fail(condition::bad_input, quote(text) + " is no name that DNS can have");
  return name;
}

failure out_of_memory() { return fail(condition::retry_later, "no memory for a DNS message"); }

std::uint16_t random_id() {
  std::uint16_t id = 0;
  static_cast<void>(::RAND_bytes(reinterpret_cast<unsigned char*>(&id), sizeof id));
  return id;
}

result<bytes> to_wire(const ldns_pkt* packet) {
  std::uint8_t* wire = nullptr;
  std::size_t size = 0;
  if (ldns_pkt2wire(&wire, packet, &size) != LDNS_STATUS_OK) return out_of_memory();
  bytes out(wire, wire + size);
  std::free(wire);
  return out;
}

result<owned_packet> from_wire(const bytes& wire, const endpoint& from) {
  ldns_pkt* packet = nullptr;
  if (ldns_wire2pkt(&packet, wire.data(), wire.size()) != LDNS_STATUS_OK)
    return fail(condition::retry_later, from.text() + " sent something that is no DNS message");
  return owned_packet(packet);
}

std::string name_of(const ldns_rdf* name) {
  std::string text = printed(name);
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (text.ends_with('.')) text.pop_back();
  return text;
}

// A character-string: an octet with its length, and that many.
std::string character_string(const ldns_rdf* field) {
  const std::string_view raw(reinterpret_cast<const char*>(ldns_rdf_data(field)), ldns_rdf_size(field));
  return raw.empty() ? std::string() : std::string(raw.substr(1));
}

dns_record to_record(const ldns_rr* rr) {
  dns_record r{name_of(ldns_rr_owner(rr)), static_cast<dns_type>(ldns_rr_get_type(rr)), {}, {}};
  const std::size_t fields = ldns_rr_rd_count(rr);
  const auto field = [&](std::size_t n) { return ldns_rr_rdf(rr, n); };
  switch (r.type) {
    case dns_type::a:
    case dns_type::aaaa:
      if (fields == 1) r.text = printed(field(0));
      break;
    case dns_type::ns:
    case dns_type::cname:
      if (fields == 1) r.text = name_of(field(0));
      break;
    case dns_type::txt:
      for (std::size_t n = 0; n < fields; ++n) r.text += character_string(field(n));
      break;
    case dns_type::caa:
      if (fields != 3) break;
      r.caa = {ldns_rdf2native_int8(field(0)),
               character_string(field(1)),
               {reinterpret_cast<const char*>(ldns_rdf_data(field(2))), ldns_rdf_size(field(2))}};
      break;
    case dns_type::soa: break;
  }
  return r;
}

std::vector<dns_record> to_records(const ldns_rr_list* list) {
  std::vector<dns_record> records;
  for (std::size_t n = 0; n < ldns_rr_list_rr_count(list); ++n) {
    const ldns_rr* rr = ldns_rr_list_rr(list, n);
    if (ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN) records.push_back(to_record(rr));
  }
  return records;
}

result<bytes> question(const std::string& name, dns_type type, bool recursion) {
  auto owner = to_name(name);
  if (!owner) return owner.error();
  const owned_packet packet(ldns_pkt_query_new(owner->get(), static_cast<ldns_rr_type>(type), LDNS_RR_CLASS_IN,
                                               recursion ? LDNS_RD : std::uint16_t{0}));
  if (!packet) return out_of_memory();
  static_cast<void>(owner->release());  // the packet's now
  ldns_pkt_set_id(packet.get(), random_id());
  ldns_pkt_set_edns_udp_size(packet.get(), udp_size);
  return to_wire(packet.get());
}

// The TXT record that is added (class IN), or that is deleted with this very value (class NONE, TTL 0).
result<owned_records> changed_record(const dns_change& change) {
  auto owner = to_name(change.name);
  if (!owner) return owner.error();
  std::string octets(1, static_cast<char>(change.value.size()));
  octets += change.value;
  owned_records list(ldns_rr_list_new());
  owned_record rr(ldns_rr_new());
  ldns_rdf* value = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_STR, octets.size(), octets.data());
  if (!list || !rr || !value || change.value.size() > 255) return out_of_memory();
  ldns_rr_set_owner(rr.get(), owner->release());
  ldns_rr_set_type(rr.get(), LDNS_RR_TYPE_TXT);
  ldns_rr_set_class(rr.get(), change.add ? LDNS_RR_CLASS_IN : LDNS_RR_CLASS_NONE);
  ldns_rr_set_ttl(rr.get(), change.add ? change.ttl : 0);
  ldns_rr_push_rdf(rr.get(), value);
  if (!ldns_rr_list_push_rr(list.get(), rr.get())) return out_of_memory();
  static_cast<void>(rr.release());
  return list;
}

result<owned_packet> update_of(const dns_change& change) {
  auto zone = to_name(change.zone);
  if (!zone) return zone.error();
  const auto records = changed_record(change);
  if (!records) return records.error();
  owned_packet packet(ldns_update_pkt_new(zone->get(), LDNS_RR_CLASS_IN, nullptr, records->get(), nullptr));
  if (!packet) return out_of_memory();
  static_cast<void>(zone->release());  // the packet's now
  ldns_pkt_set_id(packet.get(), random_id());
  ldns_pkt_set_rd(packet.get(), false);
  return packet;
}

result<void> sign(ldns_pkt* packet, const tsig_key& key) {
  const std::string algorithm = std::string(to_string(key.algorithm)) + ".";
  const auto status = ldns_pkt_tsig_sign(packet, (key.name + ".").c_str(), key.secret.c_str(), seconds_of_difference,
                                         algorithm.c_str(), nullptr);
  if (status == LDNS_STATUS_OK) return {};
  return fail(condition::operator_needed, "cannot sign with the TSIG key " + quote(key.name) + ": " +
                                              ldns_get_errorstr_by_id(status) +
                                              "; see that \"tsig-key-file\" holds its secret in base64, and nothing else, and "
                                              "that \"tsig-algorithm\" is hmac-sha256 or hmac-sha512");
}

// RFC 8945 section 5.2: what the server has against our signature, which it says in the TSIG record of its answer.
std::string tsig_complaint(ldns_rr* tsig, const tsig_key& key) {
  const unsigned error = tsig && ldns_rr_rd_count(tsig) > 5 ? ldns_rdf2native_int16(ldns_rr_rdf(tsig, 5)) : 0;
  const std::string which = "the TSIG key " + quote(key.name);
  switch (error) {
    case 16:
      return "BADSIG: it knows " + which + " with another secret; compare \"tsig-key-file\" with the server's configuration";
    case 17:
      return "BADKEY: it does not know " + which +
             " with this algorithm, or does not let it update the zone; compare \"tsig-name\" and \"tsig-algorithm\" with its "
             "configuration, and see its rules for updates there (Knot: acl)";
    case 18: return "BADTIME: its clock and this machine's are more than five minutes apart; set both by NTP";
    case 0: return {};
    default: return "TSIG error " + std::to_string(error) + " for " + which;
  }
}

std::string complaint(unsigned rcode, const dns_change& change, const std::string& tsig) {
  const std::string zone = "the zone " + quote(change.zone);
  switch (rcode) {
    case 1: return "FORMERR: it cannot read the update; is it a name server that takes updates (RFC 2136)?";
    case 2: return "SERVFAIL: it failed by itself; see its log (often: it may not write the zone's file or journal)";
    case 4: return "NOTIMP: it does not take updates (RFC 2136); set \"server\" in [dns-01] to the primary of " + zone;
    case 5:
      return "REFUSED: its rules do not let this key (or address) update " + quote(change.name) + " in " + zone +
             "; allow it there (BIND: update-policy; Knot: acl with \"action: update\")";
    case 9:
      if (!tsig.empty()) return tsig;
      return "NOTAUTH: it is not the primary of " + zone + "; set \"server\" or \"zone\" in [dns-01]";
    case 10: return "NOTZONE: " + quote(change.name) + " is not in " + zone + "; set \"zone\" in [dns-01]";
    default: return rcode_text(rcode);
  }
}

}  // namespace

std::vector<std::string> dns_answer::texts(dns_type type) const {
  std::vector<std::string> found;
  for (const auto& r : answer)
    if (r.type == type) found.push_back(r.text);
  return found;
}

tsig_key::~tsig_key() { OPENSSL_cleanse(secret.data(), secret.size()); }

std::string rcode_text(unsigned rcode) {
  constexpr std::string_view names[] = {"NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
                                        "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE"};
  return rcode < std::size(names) ? std::string(names[rcode]) : "RCODE " + std::to_string(rcode);
}

result<dns_answer> dns_ask(const endpoint& server, const std::string& name, dns_type type, bool recursion, deadline until) {
  const auto asked = question(name, type, recursion);
  if (!asked) return asked.error();
  const auto now = std::chrono::steady_clock::now();
  auto wire =
      dns_exchange_udp(server, *asked, now + (until - now) / 2);  // the rest is for TCP, where UDP does not come through
  bool by_tcp = !wire;
  while (true) {
    if (by_tcp) wire = dns_exchange_tcp(server, *asked, until);
    if (!wire) return wire.error();
    const auto packet = from_wire(*wire, server);
    if (!packet) return packet.error();
    if (ldns_pkt_tc(packet->get()) && !by_tcp) {
      by_tcp = true;
      continue;
    }
    return dns_answer{static_cast<unsigned>(ldns_pkt_get_rcode(packet->get())), ldns_pkt_aa(packet->get()),
                      ldns_pkt_tc(packet->get()), to_records(ldns_pkt_answer(packet->get())),
                      to_records(ldns_pkt_authority(packet->get()))};
  }
}

result<void> dns_update(const endpoint& server, const dns_change& change, const tsig_key* key, deadline until) {
  const std::string doing = std::string(change.add ? "cannot add" : "cannot delete") + " the TXT record " + quote(change.name) +
                            " at the name server " + server.text() + ": ";
  const auto packet = update_of(change);
  if (!packet)
    return fail(
        packet.error().code.default_error_condition() == condition::bad_input ? condition::bad_input : condition::retry_later,
        doing + packet.error().what);
  if (key)
    if (auto signed_ = sign(packet->get(), *key); !signed_) return signed_;
  const auto wire = to_wire(packet->get());
  if (!wire) return wire.error();
  const auto answered = dns_exchange_tcp(server, *wire, until);
  if (!answered)
    return fail(condition::retry_later, doing + answered.error().what +
                                            "; see that it runs, listens there by TCP, and that no "
                                            "firewall is between");
  const auto answer = from_wire(*answered, server);
  if (!answer) return answer.error();
  const auto rcode = static_cast<unsigned>(ldns_pkt_get_rcode(answer->get()));
  const std::string tsig = key ? tsig_complaint(ldns_pkt_tsig(answer->get()), *key) : std::string();
  if (rcode != 0) return fail(condition::operator_needed, doing + complaint(rcode, change, tsig));
  if (!key) return {};
  // An answer that anybody may have written is no answer.
  const ldns_rdf* mac = ldns_rr_rdf(ldns_pkt_tsig(packet->get()), 3);
  if (!ldns_pkt_tsig(answer->get()) || !ldns_pkt_tsig_verify(answer->get(), answered->data(), answered->size(),
                                                             (key->name + ".").c_str(), key->secret.c_str(), mac))
    return fail(condition::operator_needed, doing + "its answer is not signed with the TSIG key " + quote(key->name) +
                                                ": somebody else may have written it");
  return {};
}

}  // namespace sealring::agent
