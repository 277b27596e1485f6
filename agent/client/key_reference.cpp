#include "agent/client/key_reference.hpp"

#include "agent/client/address.hpp"
#include "agent/der.hpp"
#include "agent/wire/text.hpp"
#include "sealring/pem.hpp"

#include <openssl/asn1.h>

#include <optional>

namespace sealring::inline v0::client {
namespace {

using wire::errc;

constexpr std::string_view magic = "sealring-reference-";
constexpr std::string_view version = "sealring-reference-1";
constexpr std::size_t most_sockets = 8;

refusal wrong(errc code, std::string why) { return {code, "not a key reference that can be used: " + std::move(why)}; }

result<void> check(const key_reference& r) {
  if (r.key.empty() || !wire::is_name(r.key)) return wrong(errc::bad_name, "the name of its key is none");
  if (r.sockets.empty() || r.sockets.size() > most_sockets)
    return wrong(errc::bad_value, "it names " + std::to_string(r.sockets.size()) + " sockets of the agent, not 1 to 8");
  for (const std::string& socket : r.sockets) {
    if (!wire::is_text(socket)) return wrong(errc::bad_text, "a socket's address has control characters");
    if (auto good = address::parse(socket); !good) return wrong(errc::bad_address, good.error().text);
  }
  if (!der::only(der::sequence, r.spki)) return wrong(errc::bad_value, "its public key is no SubjectPublicKeyInfo");
  return {};
}

/// Appends one element.
void put(bytes& out, std::uint8_t tag, bytes_view content) {
  const int length = static_cast<int>(content.size());
  const bool constructed = tag == der::sequence;
  const int number = tag & 0x1f;
  bytes header(static_cast<std::size_t>(ASN1_object_size(constructed, length, number)) - content.size());
  unsigned char* at = header.data();
  ASN1_put_object(&at, constructed, length, number, V_ASN1_UNIVERSAL);
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), content.begin(), content.end());
}

bytes to_integer(std::uint32_t value) {
  bytes octets;
  for (int shift = 32; shift >= 0; shift -= 8) {
    const auto octet = static_cast<std::uint8_t>(std::uint64_t{value} >> shift);
    const bool leading = octets.empty() && octet == 0 && shift > 0;
    if (!leading || (value >> (shift - 8) & 0x80) != 0) octets.push_back(octet);  // a zero that keeps it positive
  }
  return octets;
}

std::optional<std::uint32_t> from_integer(bytes_view octets) {
  if (octets.empty() || octets.size() > 5 || (octets[0] & 0x80) != 0) return std::nullopt;
  std::uint64_t value = 0;
  for (const auto octet : octets) value = value << 8 | octet;
  const auto narrow = static_cast<std::uint32_t>(value);
  if (narrow != value || to_integer(narrow).size() != octets.size()) return std::nullopt;
  return narrow;
}

}  // namespace

result<bytes> to_der(const key_reference& r) {
  if (auto good = check(r); !good) return good.error();
  bytes sockets, members, whole;
  for (const std::string& socket : r.sockets) put(sockets, der::utf8_string, as_bytes(socket));
  put(members, der::utf8_string, as_bytes(version));
  put(members, der::utf8_string, as_bytes(r.key));
  put(members, der::sequence, sockets);
  put(members, der::integer, to_integer(r.agent));
  members.insert(members.end(), r.spki.begin(), r.spki.end());
  put(whole, der::sequence, members);
  return whole;
}

result<std::string> to_pem(const key_reference& r) {
  const auto der = to_der(r);
  if (!der) return der.error();
  return sealring::to_pem(key_reference_label, *der);
}

result<key_reference> read_key_reference(bytes_view data) {
  const auto content = der::only(der::sequence, data);
  if (!content) return wrong(errc::bad_value, "it is damaged: no whole SEQUENCE");
  der::reader in{*content};
  const auto says = in.next(der::utf8_string);
  if (!says || !as_text(says->content).starts_with(magic)) return wrong(errc::bad_value, "it does not say that it is one");
  if (as_text(says->content) != version)
    return wrong(errc::bad_version, "it is of a version that this program does not know; update sealring here");
  const auto key = in.next(der::utf8_string);
  const auto sockets = in.next(der::sequence);
  const auto agent = in.next(der::integer);
  const auto uid = agent ? from_integer(agent->content) : std::nullopt;
  const auto spki = in.next(der::sequence);
  if (!key || !sockets || !uid || !spki || !in.done()) return wrong(errc::bad_value, "it is damaged");
  key_reference r{
      .key = std::string{as_text(key->content)}, .agent = *uid, .spki = bytes(spki->whole.begin(), spki->whole.end())};
  for (der::reader each{sockets->content}; !each.done();) {
    const auto socket = each.next(der::utf8_string);
    if (!socket) return wrong(errc::bad_value, "it is damaged");
    r.sockets.emplace_back(as_text(socket->content));
  }
  if (auto good = check(r); !good) return good.error();
  return r;
}

bool claims_to_be_key_reference(bytes_view data) noexcept {
  // Past the header of the SEQUENCE, which may be wrong.
  constexpr std::size_t longest_header = 6;
  for (std::size_t at = 2; at <= longest_header && at + 2 + magic.size() <= data.size(); ++at)
    if (data[at] == der::utf8_string && as_text(data.subspan(at + 2)).starts_with(magic)) return true;
  return false;
}

}  // namespace sealring::inline v0::client
