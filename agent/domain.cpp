#include "agent/domain.hpp"

#include "agent/text.hpp"
#include "sealring/x509/identifier.hpp"

#include <algorithm>

namespace sealring::agent {
namespace {

// Why the toolkit refused it; the likeliest slip first.
std::string_view why_not(std::string_view domain) {
  const auto has = [&](std::string_view part) { return domain.find(part) != std::string_view::npos; };
  if (domain.empty()) return "it is empty";
  if (std::ranges::any_of(domain, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    return "write an international name in its ASCII form, \"xn--…\" (the idn2 command prints it)";
  }
  if (has("/")) return "write the host's name alone, without a scheme or path";
  if (has("@")) return "write the host's name alone, without a user";
  if (has(":")) return "write the host's name alone, without a port";
  if (has("*")) return "a wildcard is \"*.\" and a whole domain, as in \"*.example.com\"";
  if (has("_")) return "no certificate can carry an underscore (RFC 1123 section 2.1)";
  if (domain.ends_with('.')) return "leave out the dot at its end";
  if (domain.size() > 253) return "it has more than 253 characters";
  const auto last = domain.substr(domain.rfind('.') + 1);
  if (!last.empty() && std::ranges::all_of(last, [](char c) { return c >= '0' && c <= '9'; })) {
    return "its last part is a number, yet it is no IP address";
  }
  return "each part between dots is 1 to 63 letters, digits and \"-\", with no \"-\" first or last";
}

}  // namespace

result<std::string> parse_domain(std::string_view text) {
  if (auto id = parse_identifier(text)) return std::move(id->value);
  const bool is_long = text.size() > 80;
  return fail(condition::bad_input,
              quote(text.substr(0, 80)) + (is_long ? "…" : "") + " is not a domain: " + std::string(why_not(text)));
}

result<void> check_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  if (!name.empty() && name.size() <= 128 && name.front() != '.' && std::ranges::all_of(name, plain)) return {};
  return fail(condition::bad_input,
              quote(name.substr(0, 80)) +
                  " cannot be a name: write 1 to 128 letters, digits, \".\", \"_\" or \"-\", not first a \".\"");
}

}  // namespace sealring::agent
