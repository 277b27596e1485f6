#include "agent/manager/solver/caa.hpp"

#include "agent/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace sealring::agent {
namespace {

constexpr std::uint8_t critical = 128;

// Those of the registry; a CA need not know them all, but none is a reason for us to stop.
constexpr std::array<std::string_view, 7> known_tags{"issue",        "issuewild", "iodef",   "contactemail",
                                                     "contactphone", "issuemail", "issuevmc"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// The next part before `separator`, taken off the text.
std::string_view take(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto part = trim(text.substr(0, end));
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  return part;
}

// issue-value of section 4.2. What cannot be read names no issuer, and so lets nobody issue (section 4.2).
struct issue_value {
  std::string issuer;
  std::vector<std::string> accounts;
  std::vector<std::string> methods;
};

issue_value parse(std::string_view text) {
  issue_value v;
  v.issuer = lower(take(text, ';'));
  while (!text.empty()) {
    const auto parameter = take(text, ';');
    const auto equals = parameter.find('=');
    if (parameter.empty()) continue;
    if (equals == std::string_view::npos) return {};
    const std::string tag = lower(trim(parameter.substr(0, equals)));
    const auto value = trim(parameter.substr(equals + 1));
    if (tag == "accounturi") v.accounts.emplace_back(value);
    if (tag == "validationmethods") v.methods.emplace_back(value);
  }
  return v;
}

bool lists(std::string_view methods, std::string_view wanted) {
  while (!methods.empty())
    if (take(methods, ',') == wanted) return true;
  return false;
}

// What is against this record; nothing if it lets us. Two accounts or lists of methods in one cannot both be met (RFC 8657).
std::optional<std::string> against(const issue_value& v, const caa_question& q) {
  const auto names_us = [&](const std::string& identity) { return lower(identity) == v.issuer; };
  if (v.issuer.empty()) return "it lets no CA issue";
  if (!q.identities.empty() && std::ranges::none_of(q.identities, names_us)) return "it is for " + quote(v.issuer);
  if (v.accounts.size() > 1 || (!v.accounts.empty() && !q.account_url.empty() && v.accounts.front() != q.account_url))
    return "it is for another account: accounturi=" + v.accounts.front();
  if (v.methods.size() > 1 || (!v.methods.empty() && !lists(v.methods.front(), to_string(q.method))))
    return "it is for other methods: validationmethods=" + v.methods.front();
  return std::nullopt;
}

std::string ours(const caa_question& q) { return q.identities.empty() ? "the CA's name" : q.identities.front(); }

}  // namespace

result<void> caa_verdict(std::span<const caa_record> records, const caa_question& q) {
  for (const auto& r : records) {
    if ((r.flags & critical) != 0 && std::ranges::find(known_tags, lower(r.tag)) == known_tags.end())
      return fail(condition::operator_needed, "the property " + quote(one_line(r.tag)) +
                                                  " is marked critical and no CA may issue that does not know it; remove it");
  }
  const auto has = [&](std::string_view tag) {
    return std::ranges::any_of(records, [&](const caa_record& r) { return lower(r.tag) == tag; });
  };
  // Section 4.3: with an issuewild, wildcards are its business alone.
  const std::string_view relevant = q.wildcard && has("issuewild") ? "issuewild" : "issue";
  std::string reasons;
  bool asked = false;
  for (const auto& r : records) {
    if (lower(r.tag) != relevant) continue;
    const auto reason = against(parse(r.value), q);
    if (!reason) return {};
    asked = true;
    reasons += (reasons.empty() ? "" : "; ") + quote(one_line(r.value)) + ": " + one_line(*reason);
  }
  if (!asked) return {};
  return fail(condition::operator_needed, "no " + std::string(relevant) + " record lets this CA issue (" + reasons +
                                              "); add one with the value " + quote(ours(q)));
}

}  // namespace sealring::agent
