#include "agent/manager/solver/dns_lookup.hpp"

#include "agent/file.hpp"
#include "agent/text.hpp"

#include <algorithm>
#include <memory>
#include <sstream>

#include <netdb.h>

namespace sealring::agent {
namespace {

constexpr auto lookup_patience = std::chrono::seconds(5);  // with one server; a resolver may have to ask many itself
constexpr std::size_t longest_chain = 8;
constexpr std::size_t most_servers = 16;  // of a zone; delegations have 13 at most in practice
constexpr std::uint16_t dns_port = 53;

std::string parent_of(const std::string& name) {
  const auto dot = name.find('.');
  return dot == std::string::npos ? std::string() : name.substr(dot + 1);
}

std::vector<endpoint> resolvers_of_system() {
  std::vector<endpoint> found;
  const auto file = read_file("/etc/resolv.conf", 64 * 1024);
  std::istringstream lines(file ? *file : std::string());
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string keyword, address;
    words >> keyword >> address;
    if (const endpoint e(address, dns_port); keyword == "nameserver" && e.valid()) found.push_back(e);
  }
  if (found.empty()) found.emplace_back("127.0.0.1", dns_port);  // as resolv.conf(5) has it
  return found;
}

failure unknown_name(const std::string& name, std::string_view what) {
  return fail(condition::operator_needed, quote(name) + " " + std::string(what));
}

result<std::vector<std::string>> addresses_by_system(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* all = nullptr;
  const int error = ::getaddrinfo((name + ".").c_str(), nullptr, &hints, &all);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(all, ::freeaddrinfo);
  if (error == EAI_NONAME || error == EAI_NODATA)
    return unknown_name(name, "does not exist in DNS, or has no address; add its A or AAAA record");
  if (error != 0) return fail(condition::retry_later, "cannot resolve " + quote(name) + ": " + ::gai_strerror(error));
  std::vector<std::string> found;
  for (const addrinfo* one = all; one; one = one->ai_next) {
    char text[NI_MAXHOST] = {};
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0)
      found.emplace_back(text);
  }
  return found;
}

}  // namespace

bool is_below(std::string_view name, std::string_view zone) {
  return zone.empty() || name == zone || (name.ends_with(zone) && name[name.size() - zone.size() - 1] == '.');
}

result<std::string> follow_cnames(const std::string& name, const dns_asker& ask) {
  std::vector<std::string> seen{name};
  while (true) {
    const auto answer = ask(seen.back(), dns_type::cname);
    if (!answer) return answer.error();
    const auto next = std::ranges::find_if(
        answer->answer, [&](const dns_record& r) { return r.type == dns_type::cname && r.owner == seen.back(); });
    if (next == answer->answer.end()) return seen.back();
    if (std::ranges::find(seen, next->text) != seen.end())
      return fail(condition::operator_needed,
                  "the CNAME records at " + quote(name) + " lead back to " + quote(next->text) + "; break the loop");
    if (seen.size() > longest_chain)
      return fail(condition::operator_needed, "more than " + std::to_string(longest_chain) +
                                                  " CNAME records follow each other at " + quote(name) +
                                                  "; shorten the chain, for CAs do not follow it either");
    seen.push_back(next->text);
  }
}

result<std::string> zone_of(const std::string& name, const dns_asker& ask) {
  for (std::string here = name; !here.empty(); here = parent_of(here)) {
    const auto answer = ask(here, dns_type::soa);
    if (!answer) return answer.error();
    for (const auto* section : {&answer->answer, &answer->authority})
      for (const auto& r : *section)
        if (r.type == dns_type::soa && !r.owner.empty() && is_below(name, r.owner)) return r.owner;
  }
  return fail(condition::operator_needed, "no zone has the name " + quote(name) + "; set \"zone\" in [dns-01]");
}

result<dns_lookup> dns_lookup::make(const dns_section& c, const std::string& primary) {
  dns_lookup made;
  if (!primary.empty()) {
    const auto e = parse_endpoint(primary, dns_port);
    if (!e) return fail(condition::bad_input, "\"server\" in [dns-01]: " + e.error().what);
    made.primary_ = *e;
  }
  made.systems_ = c.resolver.empty();
  if (made.systems_) {
    made.resolvers_ = resolvers_of_system();
    return made;
  }
  const auto e = parse_endpoint(c.resolver, dns_port);
  if (!e) return fail(condition::bad_input, "\"resolver\" in [dns]: " + e.error().what);
  made.resolvers_ = {*e};
  return made;
}

result<dns_answer> dns_lookup::ask(const std::string& name, dns_type type) const {
  std::string said;
  for (const auto& resolver : resolvers_) {
    auto answer = dns_ask(resolver, name, type, true, within(lookup_patience));
    if (answer && (answer->rcode == 0 || answer->rcode == 3)) return answer;
    said +=
        (said.empty() ? "" : "; ") + (answer ? resolver.text() + " says " + rcode_text(answer->rcode) : answer.error().what);
  }
  return fail(condition::retry_later, "cannot look up " + quote(name) + ": " + said + "; see \"resolver\" in [dns]");
}

dns_asker dns_lookup::asker() const {
  return [this](const std::string& name, dns_type type) { return ask(name, type); };
}

result<std::vector<endpoint>> dns_lookup::addresses(const std::string& name, std::uint16_t port) const {
  std::vector<std::string> texts;
  if (systems_) {
    auto found = addresses_by_system(name);
    if (!found) return found.error();
    texts = *std::move(found);
  } else {
    bool exists = true;
    for (const auto type : {dns_type::aaaa, dns_type::a}) {
      const auto answer = ask(name, type);
      if (!answer) return answer.error();
      exists = exists && answer->name_exists();
      for (auto& text : answer->texts(type)) texts.push_back(std::move(text));
    }
    if (!exists) return unknown_name(name, "does not exist in DNS; add its A or AAAA record");
    if (texts.empty()) return unknown_name(name, "has no address in DNS; add its A or AAAA record");
  }
  std::vector<endpoint> found;
  for (const auto& text : texts)
    if (const endpoint e(text, port); e.valid()) found.push_back(e);
  return found;
}

std::vector<std::string> dns_lookup::addresses_by_dns(const std::string& name) const {
  std::vector<std::string> found;
  for (const auto type : {dns_type::a, dns_type::aaaa})
    if (const auto answer = ask(name, type))
      for (auto& text : answer->texts(type)) found.push_back(std::move(text));
  return found;
}

result<std::vector<name_server>> dns_lookup::name_servers(const std::string& zone) const {
  const auto answer = ask(zone, dns_type::ns);
  if (!answer) return answer.error();
  std::vector<name_server> servers;
  for (const auto& name : answer->texts(dns_type::ns)) {
    name_server server{name, {}};
    for (const auto& address : addresses_by_dns(name)) {
      const bool is_primary = primary_ && primary_->address() == address;
      if (const endpoint e(address, is_primary ? primary_->port() : dns_port); e.valid()) server.addresses.push_back(e);
    }
    servers.push_back(std::move(server));
    if (servers.size() == most_servers) break;
  }
  return servers;
}

}  // namespace sealring::agent
