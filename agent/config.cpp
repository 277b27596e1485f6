#include "agent/config.hpp"

#include "agent/domain.hpp"
#include "agent/text.hpp"

#include <algorithm>

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

result<void> check_challenge(std::string_view type) {
  if (type == "http-01") return {};
  return fail(condition::unsupported, "unknown challenge " + quote(type) + "; this version knows \"http-01\"");
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
    // RFC 8555 section 8.4 proves a wildcard by DNS; http-01 shows no more than one host.
    if (domain->starts_with("*.")) {
      return fail(
          condition::unsupported,
          quote(*domain) +
              " is a wildcard: CAs prove those by dns-01 alone, which this version cannot do yet; name the hosts one by one");
    }
  }
  if (auto challenge = check_challenge(entry.challenge); !challenge) return challenge.error();
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
