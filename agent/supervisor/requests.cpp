#include "agent/supervisor/requests.hpp"

#include "agent/text.hpp"
#include "sealring/x509/identifier.hpp"

#include <algorithm>
#include <charconv>

namespace sealring::agent {
namespace {

constexpr std::size_t longest_text = 2000;

failure broken() { return fail(condition::bad_input, "a message between manager and supervisor cannot be read"); }

// Empty for what is too long, has an empty line, or control characters in one.
std::vector<std::string_view> lines_of(std::string_view message) {
  std::vector<std::string_view> lines;
  if (message.size() > longest_message) return lines;
  while (true) {
    const std::size_t end = message.find('\n');
    const auto line = message.substr(0, end);
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
    if (line.empty() || std::ranges::any_of(line, is_control)) return {};
    lines.push_back(line);
    if (end == std::string_view::npos) return lines;
    message.remove_prefix(end + 1);
  }
}

template <class T>
bool read_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

std::string joined(std::string_view kind, std::uint64_t number, std::initializer_list<std::string_view> rest) {
  std::string out = std::string(kind) + "\n" + std::to_string(number);
  for (const auto line : rest) (out += "\n") += line;
  return out;
}

constexpr condition all_conditions[] = {condition::retry_later, condition::operator_needed, condition::denied,
                                        condition::unsupported, condition::bad_input,       condition::peer_fault};

condition condition_of(const failure& f) {
  const auto* const found = std::ranges::find_if(all_conditions, [&](condition c) { return f.code == c; });
  return found == std::end(all_conditions) ? condition::operator_needed : *found;
}

failure refuse(std::string what) { return fail(condition::denied, "the supervisor refuses: " + std::move(what)); }

bool made_of(std::string_view text, std::string_view marks) {
  return std::ranges::all_of(text, [&](char c) { return (c >= 'a' && c <= 'z') || marks.find(c) != std::string_view::npos; });
}

// "_acme-challenge.DOMAIN" (RFC 8555 section 8.4), or with an account's label before it: "_" and ten octets in base32
// (draft-ietf-acme-dns-account-label).
bool is_record_of(std::string_view record, std::string_view domain) {
  if (domain.starts_with("*.")) domain.remove_prefix(2);
  constexpr std::size_t label = 17;
  if (record.starts_with("_") && !record.starts_with("_acme-challenge.")) {
    if (record.size() <= label || record[label] != '.' || !made_of(record.substr(1, label - 1), "234567")) return false;
    record.remove_prefix(label + 1);
  }
  constexpr std::string_view prefix = "_acme-challenge.";
  return record.starts_with(prefix) && record.substr(prefix.size()) == domain;
}

// A name in the zone of [dns-01], where CNAMEs at "_acme-challenge.DOMAIN" may lead. No label may look like an option of the
// hook's.
bool is_delegated(std::string_view record, std::string_view zone) {
  if (zone.empty() || !record.ends_with(zone)) return false;
  if (record.size() > zone.size() && record[record.size() - zone.size() - 1] != '.') return false;
  char before = '.';
  for (const char c : record) {
    const bool first = before == '.';
    if (c == '.' ? first : !made_of({&c, 1}, first ? "0123456789_" : "0123456789_-")) return false;
    before = c;
  }
  return before != '.';
}

bool is_dns(const std::string& domain) {
  const auto id = parse_identifier(domain);
  return id && id->kind == identifier::type::dns;
}

// RFC 8555 section 8.4: SHA-256 in base64url, which has 43 characters.
bool is_digest(std::string_view value) {
  return value.size() == 43 && made_of(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
}

}  // namespace

std::string_view to_string(hook_action action) noexcept { return action == hook_action::present ? "present" : "clean-up"; }

std::string encode(const numbered_request& r) {
  if (const auto* const deploy = std::get_if<deploy_request>(&r.what)) return joined("deploy", r.number, {deploy->name});
  const auto& hook = std::get<hook_request>(r.what);
  return joined("hook", r.number, {hook.name, to_string(hook.action), hook.record, hook.value});
}

std::string encode(const answer& a) {
  if (a.outcome) return joined("done", a.number, {});
  const failure& f = a.outcome.error();
  const std::string text = one_line(std::string_view(f.what).substr(0, longest_text));
  const std::string code = std::to_string(static_cast<int>(condition_of(f)));
  return joined("failed", a.number, {code, text.empty() ? "no reason was given" : text});
}

result<numbered_request> parse_request(std::string_view message) {
  const auto lines = lines_of(message);
  numbered_request out;
  if (lines.size() < 3 || !read_number(lines[1], out.number)) return broken();
  if (lines[0] == "deploy" && lines.size() == 3) {
    out.what = deploy_request{std::string(lines[2])};
    return out;
  }
  if (lines[0] != "hook" || lines.size() != 6) return broken();
  for (const auto action : {hook_action::present, hook_action::clean_up}) {
    if (lines[3] != to_string(action)) continue;
    out.what = hook_request{std::string(lines[2]), action, std::string(lines[4]), std::string(lines[5])};
    return out;
  }
  return broken();
}

result<answer> parse_answer(std::string_view message) {
  const auto lines = lines_of(message);
  answer out;
  if (lines.size() < 2 || !read_number(lines[1], out.number)) return broken();
  if (lines[0] == "done" && lines.size() == 2) return out;
  int code = 0;
  if (lines[0] != "failed" || lines.size() != 4 || !read_number(lines[2], code)) return broken();
  const auto* const known = std::ranges::find(all_conditions, static_cast<condition>(code));
  if (known == std::end(all_conditions)) return broken();
  out.outcome = fail(*known, std::string(lines[3]));
  return out;
}

result<void> judge(const config& c, const request& r) {
  const auto& name = std::visit([](const auto& one) -> const std::string& { return one.name; }, r);
  const certificate_entry* const entry = c.find_certificate(name);
  if (entry == nullptr) return refuse("no certificate " + quote(name) + " is configured");
  const auto* const hook = std::get_if<hook_request>(&r);
  if (hook == nullptr) return {};
  if (c.dns01.hook.empty()) return refuse("[dns-01] has no \"hook\" in " + c.file.string());
  const auto belongs = [&](const std::string& domain) { return is_dns(domain) && is_record_of(hook->record, domain); };
  if (!std::ranges::any_of(entry->domains, belongs) && !is_delegated(hook->record, c.dns01.zone))
    return refuse(quote(hook->record) + " is not the record of a challenge for a domain of " + quote(name) +
                  "; where a CNAME leads elsewhere, set \"zone\" in [dns-01] to the zone that it leads into");
  if (!is_digest(hook->value)) return refuse(quote(hook->value) + " is not the value of a challenge");
  return {};
}

}  // namespace sealring::agent
