#include "agent/manager/numbers.hpp"

namespace sealring::agent {

namespace {

certificate_numbers numbers_of(const kept_certificate& c, const config& settings) {
  const upkeep& u = c.state;
  certificate_numbers n{.name = c.entry->name,
                        .next_renewal = u.renew_at,
                        .window_start = u.window_start,
                        .window_end = u.window_end,
                        .failures = static_cast<unsigned>(u.failures)};
  if (c.held) {
    n.not_after = c.held->not_after;
    n.last_success = c.held->issued_at;
    n.revoked = c.held->status == certificate_status::revoked || u.revoked_at.has_value();
  }
  if (!c.entry->prove.empty() && c.held) n.proven = u.deployed_at.has_value();
  if (settings.watch.ct_logs && u.checked_at) {
    n.valid_scts = static_cast<unsigned>(u.valid_scts);
    n.unknown_scts = static_cast<unsigned>(u.unknown_scts);
    n.bad_scts = static_cast<unsigned>(u.bad_scts);
  }
  return n;
}

}  // namespace

snapshot numbers_of(const renewal& certificates, const config& settings,
                    const result<std::shared_ptr<const keeper_link>>& keeper) {
  snapshot out;
  const auto all = certificates.all();
  out.certificates.reserve(all.size());
  for (const kept_certificate& one : all) out.certificates.push_back(numbers_of(one, settings));
  for (const auto& [what, count] : certificates.orders()) out.orders.push_back({what.first, what.second, count});
  if (!keeper) {
    out.troubles.push_back(keeper.error().what);
    return out;
  }
  auto statistics = (*keeper)->statistics();
  if (statistics) out.keeper = *std::move(statistics);
  else out.troubles.push_back(statistics.error().what);
  return out;
}

}  // namespace sealring::agent
