// dns-01 and dns-account-01 by updates of the zone (RFC 2136), signed with a TSIG key.
#pragma once

#include "agent/manager/solver/dns_place.hpp"
#include "agent/manager/solver/solver.hpp"
#include "agent/manager/solver/users.hpp"

#include <mutex>

namespace sealring::agent {

class dns_update_solver final : public solver {
public:
  dns_update_solver(dns01_section settings, endpoint server, const dns_lookup& lookup, note log)
      : settings_{std::move(settings)}, server_{server}, lookup_{lookup}, log_{std::move(log)} {}

  [[nodiscard]] result<void> present(const challenge_task&) override;
  [[nodiscard]] result<void> look(const challenge_task&) override;
  [[nodiscard]] bool clean_up(const challenge_task&) noexcept override;

private:
  struct record {
    dns_place place;
    std::string zone;
  };
  [[nodiscard]] result<record> find_record(const challenge_task&) const;
  [[nodiscard]] result<void> send(const record&, bool add) const;

  dns01_section settings_;
  endpoint server_;
  const dns_lookup& lookup_;
  note log_;
  std::mutex mutex_;
  users<record> made_;
};

}  // namespace sealring::agent
