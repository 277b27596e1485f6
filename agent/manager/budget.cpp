#include "agent/manager/budget.hpp"

#include <libpsl.h>

#include <algorithm>
#include <array>
#include <set>

#include <arpa/inet.h>

namespace sealring::agent {

namespace {

using namespace std::chrono_literals;
using std::chrono::sys_seconds;

/// https://letsencrypt.org/docs/rate-limits, as of 2026.
constexpr std::array lets_encrypt{rate_limit{limited::orders, 300, 3h}, rate_limit{limited::certificates_per_domain, 50, 168h},
                                  rate_limit{limited::duplicates, 5, 168h}, rate_limit{limited::failures, 5, 1h}};
constexpr std::string_view lets_encrypt_origin = "https://acme-v02.api.letsencrypt.org/";

/// One name for one set of names.
std::string set_of(std::vector<std::string> domains) {
  std::ranges::sort(domains);
  std::string all;
  for (const std::string& one : domains) (all += all.empty() ? "" : " ") += one;
  return all;
}

std::set<std::string> registered_domains(const std::vector<std::string>& domains) {
  std::set<std::string> out;
  for (const std::string& one : domains) out.insert(registered_domain(one));
  return out;
}

/// Whose count a limit looks at.
std::set<std::string> subjects(limited what, const std::vector<std::string>& domains) {
  switch (what) {
    case limited::orders: return {""};
    case limited::certificates_per_domain: return registered_domains(domains);
    case limited::duplicates: return {set_of(domains)};
    case limited::failures: return {domains.begin(), domains.end()};
  }
  return {};
}

bool has_limit(const ca_section& ca, limited what) {
  return std::ranges::any_of(limits_of(ca), [what](const rate_limit& l) { return l.what == what; });
}

result<void> count(store& state, const ca_section& ca, limited what, const std::vector<std::string>& domains, sys_seconds now) {
  if (!has_limit(ca, what)) return {};
  for (const std::string& subject : subjects(what, domains))
    if (auto counted = state.count(ca.directory, to_string(what), subject, now); !counted) return counted;
  return {};
}

/// When fewer than `most` lie within such a period.
result<std::optional<sys_seconds>> free_from(const store& state, std::string_view directory, std::string_view what,
                                             std::string_view subject, std::size_t most, std::chrono::seconds period,
                                             sys_seconds now) {
  auto times = state.counted(directory, what, subject, now - period);
  if (!times) return times.error();
  std::erase_if(*times, [now](sys_seconds at) { return at > now; });  // by a clock that was ahead
  return agent::free_from(*times, most, period);
}

constexpr std::string_view haste = "haste";
constexpr std::size_t hasty_at_most = 3;

std::chrono::seconds life_of(const certificate& c) { return c.not_after - c.not_before; }

}  // namespace

std::span<const rate_limit> limits_of(const ca_section& ca) {
  if (!ca.rate_limits.empty()) return ca.rate_limits;
  if (ca.directory.starts_with(lets_encrypt_origin)) return lets_encrypt;
  return {};
}

std::optional<sys_seconds> free_from(std::span<const sys_seconds> counted, std::size_t most, std::chrono::seconds period) {
  if (counted.size() < most) return std::nullopt;
  return counted[counted.size() - most] + period;
}

result<std::optional<sys_seconds>> free_from(const store& state, const ca_section& ca, const std::vector<std::string>& domains,
                                             sys_seconds now) {
  std::optional<sys_seconds> from;
  for (const rate_limit& limit : limits_of(ca))
    for (const std::string& subject : subjects(limit.what, domains)) {
      const auto free = free_from(state, ca.directory, to_string(limit.what), subject, limit.count, limit.period, now);
      if (!free) return free;
      from = std::max(from, *free);
    }
  return from;
}

result<void> count_order(store& state, const ca_section& ca, sys_seconds now) {
  return count(state, ca, limited::orders, {}, now);
}

result<void> count_certificate(store& state, const ca_section& ca, const std::vector<std::string>& domains, sys_seconds now) {
  if (auto counted = count(state, ca, limited::certificates_per_domain, domains, now); !counted) return counted;
  return count(state, ca, limited::duplicates, domains, now);
}

result<void> count_failure(store& state, const ca_section& ca, const std::vector<std::string>& domains, sys_seconds now) {
  return count(state, ca, limited::failures, domains, now);
}

bool is_hasty(const certificate& c, sys_seconds now) { return now < c.not_before + life_of(c) / 3; }

result<std::optional<sys_seconds>> free_from_haste(const store& state, const certificate& c, sys_seconds now) {
  return free_from(state, c.directory, haste, c.name, hasty_at_most, std::min<std::chrono::seconds>(life_of(c) / 4, 24h), now);
}

result<void> count_haste(store& state, const certificate& replaced, sys_seconds now) {
  return state.count(replaced.directory, haste, replaced.name, now);
}

std::string registered_domain(const std::string& name) {
  in_addr four{};
  in6_addr six{};
  if (::inet_pton(AF_INET, name.c_str(), &four) == 1) return name;
  if (::inet_pton(AF_INET6, name.c_str(), &six) == 1) {
    std::fill(std::begin(six.s6_addr) + 8, std::end(six.s6_addr), std::uint8_t{0});
    char text[INET6_ADDRSTRLEN];
    return std::string{::inet_ntop(AF_INET6, &six, text, sizeof text)} + "/64";
  }
  const std::string host = name.starts_with("*.") ? name.substr(2) : name;
  const char* const domain = ::psl_registrable_domain(::psl_builtin(), host.c_str());
  return domain != nullptr ? domain : host;
}

}  // namespace sealring::agent
