#include "agent/keeper/policy/origin.hpp"

#include "agent/text.hpp"
#include "sealring/x509/identifier.hpp"

#include <algorithm>

namespace sealring::agent::policy {
namespace {

constexpr std::string_view scheme = "https://";

// A wildcard is an identifier but no host; an IPv6 address is a host only in brackets (RFC 3986 section 3.2.2).
bool is_host(std::string_view text) {
  const bool bracketed = text.starts_with('[') && text.ends_with(']');
  const auto id = parse_identifier(bracketed ? text.substr(1, text.size() - 2) : text);
  if (!id || id->wildcard()) return false;
  const bool v6 = id->value.find(':') != std::string::npos;
  return v6 == bracketed;
}

bool is_port(std::string_view text) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.empty() || text.size() > 5 || text.front() == '0' || !std::ranges::all_of(text, digit)) return false;
  return text.size() < 5 || text <= "65535";
}

}  // namespace

result<std::string> origin_of(std::string_view url) {
  const auto refuse = [&](const char* why) {
    return fail(condition::bad_input, quote(one_line(url.substr(0, 120))) + " is no https URL that can be relied on: " + why);
  };
  if (!url.starts_with(scheme)) return refuse("it must begin with https://");
  const auto allowed = [](char c) {
    return c > ' ' && c < '\x7f' && std::string_view{"\"<>\\^`{|}#"}.find(c) == std::string_view::npos;
  };
  if (!std::ranges::all_of(url, allowed)) return refuse("it has a character that no URL may have, or a fragment");
  const std::string_view rest = url.substr(scheme.size());
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.find('@') != std::string_view::npos) return refuse("it names a user");
  const std::size_t bracket = authority.rfind(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = authority.substr(0, colon);
  if (!is_host(host)) return refuse("its host is no name or address");
  std::string origin{scheme};
  for (const char c : host) origin += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (colon == std::string_view::npos) return origin;
  const std::string_view port = authority.substr(colon + 1);
  if (!is_port(port)) return refuse("its port is no number from 1 to 65535");
  if (port != "443") (origin += ':') += port;
  return origin;
}

}  // namespace sealring::agent::policy
