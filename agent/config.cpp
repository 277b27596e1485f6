#include "agent/config.hpp"

#include "agent/domain.hpp"
#include "agent/duration.hpp"
#include "agent/text.hpp"

#include <algorithm>
#include <charconv>

namespace sealring::agent {
namespace fs = std::filesystem;

const certificate_entry* config::find_certificate(std::string_view name) const noexcept {
  const auto found = std::find_if(certificates.begin(), certificates.end(), [&](const auto& c) { return c.name == name; });
  return found == certificates.end() ? nullptr : &*found;
}

config default_config(const fs::path& file) {
  config c;
  c.file = fs::absolute(file).lexically_normal();
  const fs::path folder = c.file.parent_path();
  // One configuration of a machine is the system's; any other keeps to its own folder, so that it meets no other's agent.
  const bool of_the_system = folder == "/etc/sealring";
  const fs::path run = of_the_system ? "/run/sealring" : folder;
  c.agent.listen = {(run / "sign.sock").string()};
  if (of_the_system) c.agent.listen.emplace_back("@sealring");
  c.agent.control = run / "control.sock";
  c.agent.audit = folder / "audit.log";
  c.state.store = "sqlite3://" + (folder / "state.db").string();
  c.state.live = folder / "live";
  return c;
}

result<rate_limit> parse_rate_limit(std::string_view text) {
  const auto wrong = [&] {
    return fail(condition::bad_input,
                quote(text) + " is no limit; write \"WHAT NUMBER/TIME\" such as \"orders 300/3h\", where WHAT is one of " +
                    all_words<limited>());
  };
  const auto space = text.find(' ');
  const auto slash = text.find('/', space);
  if (space == std::string_view::npos || slash == std::string_view::npos) return wrong();
  const auto what = parse<limited>(text.substr(0, space));
  const auto number = text.substr(space + 1, slash - space - 1);
  unsigned count = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
  const auto period = parse_duration(text.substr(slash + 1));
  if (!what || error != std::errc{} || end != number.data() + number.size() || count == 0 || !period || period->count() == 0)
    return wrong();
  return rate_limit{*what, count, *period};
}

std::string to_text(const rate_limit& limit) {
  return std::string{to_string(limit.what)} + ' ' + std::to_string(limit.count) + '/' + duration_text(limit.period);
}

const ca_section& ca_of(const config& c, std::string_view directory) noexcept {
  return c.fallback && c.fallback->directory == directory ? *c.fallback : c.ca;
}

result<void> check(const certificate_entry& entry) {
  if (auto name = check_name(entry.name); !name) return name.error();
  const std::string which = "certificate " + quote(entry.name);
  if (entry.domains.empty()) return fail(condition::bad_input, which + " has no domains; name at least one");
  for (auto domain = entry.domains.begin(); domain != entry.domains.end(); ++domain) {
    const auto parsed = parse_domain(*domain);
    if (!parsed) return parsed.error();
    if (std::find(entry.domains.begin(), domain, *domain) != domain) {
      return fail(condition::bad_input, which + " names " + quote(*domain) + " twice; leave one out");
    }
    // RFC 8555 section 8.4 proves a wildcard by DNS; http-01 and tls-alpn-01 show no more than one host.
    const bool by_dns = entry.challenge == challenge_type::dns01 || entry.challenge == challenge_type::dns_account01;
    if (domain->starts_with("*.") && !by_dns)
      return fail(condition::bad_input, quote(*domain) + " is a wildcard, which CAs prove by DNS alone: set challenge = " +
                                            quote(to_string(challenge_type::dns01)) + " in " + which);
  }
  if (entry.purpose == key_purpose::raw) {
    return fail(condition::bad_input,
                which + " cannot have the purpose \"raw\", which is for a [[key]]; choose \"tls-server\" or \"tls-client\"");
  }
  return {};
}

result<key_type> parse_key_type(std::string_view word) {
  if (const auto type = parse<key_type>(word)) return *type;
  return fail(condition::bad_input, "unknown key type " + quote(word) + "; choose one of " + all_words<key_type>());
}

}  // namespace sealring::agent
