#include "agent/manager/solver/solvers.hpp"

#include "agent/manager/solver/dns_update_solver.hpp"
#include "agent/manager/solver/http01_listener_solver.hpp"
#include "agent/manager/solver/http01_webroot_solver.hpp"
#include "agent/manager/solver/tls_alpn01_solver.hpp"
#include "agent/text.hpp"

namespace sealring::agent {
namespace {

bool by_dns(challenge_type type) { return type == challenge_type::dns01 || type == challenge_type::dns_account01; }

std::unique_ptr<solver> make_http01(const config& c, const dns_lookup& lookup, const note& log) {
  const http_ports ports{c.http01.port, c.tls_alpn01.port};
  if (c.http01.webroot) return std::make_unique<http01_webroot_solver>(*c.http01.webroot, ports, c.http01.look, lookup, log);
  return std::make_unique<http01_listener_solver>(c.http01.listen, ports, c.http01.look, lookup, log);
}

// Nothing where the configuration has neither.
result<std::unique_ptr<solver>> make_dns(const dns01_section& c, const hook_runner& run, const dns_lookup& lookup,
                                         const note& log) {
  if (!c.hook.empty()) return std::unique_ptr<solver>(std::make_unique<hook_solver>(run, c.propagation, lookup, log));
  if (c.server.empty()) return std::unique_ptr<solver>();
  const auto server = parse_endpoint(c.server, 53);
  if (!server) return fail(condition::bad_input, "\"server\" in [dns-01]: " + server.error().what);
  return std::unique_ptr<solver>(std::make_unique<dns_update_solver>(c, *server, lookup, log));
}

}  // namespace

challenge_type type_for(const certificate_entry& entry, const identifier& id) noexcept {
  return id.kind == identifier::type::ip && by_dns(entry.challenge) ? challenge_type::http01 : entry.challenge;
}

result<solvers> solvers::make(const config& c, const hook_runner& run, person tell, const note& log) {
  solvers made;
  auto lookup = dns_lookup::make(c.dns, c.dns01.server);
  if (!lookup) return lookup.error();
  made.lookup_ = std::make_unique<dns_lookup>(*std::move(lookup));
  const auto at = [&](challenge_type type) -> auto& { return made.by_type_[static_cast<std::size_t>(type)]; };
  at(challenge_type::http01) = make_http01(c, *made.lookup_, log);
  at(challenge_type::tls_alpn01) = std::make_unique<tls_alpn01_solver>(c.tls_alpn01, *made.lookup_, log);
  for (const auto type : {challenge_type::dns01, challenge_type::dns_account01}) {
    auto dns = make_dns(c.dns01, run, *made.lookup_, log);
    if (!dns) return dns.error();
    at(type) = *std::move(dns);
  }
  made.manual_ = std::make_unique<manual_solver>(c, std::move(tell), *made.lookup_);
  return made;
}

solver* solvers::find(challenge_type type) const noexcept { return by_type_[static_cast<std::size_t>(type)].get(); }

result<solver*> solvers::solver_for(const certificate_entry& entry, const identifier& id) const {
  const auto type = type_for(entry, id);
  solver* const found = entry.manual ? manual_.get() : find(type);
  if (found) return found;
  return fail(condition::operator_needed,
              "certificate " + quote(entry.name) + " is to be proved by " + std::string(to_string(type)) +
                  ", and [dns-01] says neither to which \"server\" updates go nor which \"hook\" makes the records; set one of "
                  "them, or manual = true");
}

}  // namespace sealring::agent
