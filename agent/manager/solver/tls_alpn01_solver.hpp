// tls-alpn-01 by a listener of our own, which has the port only while a challenge needs it.
#pragma once

#include "agent/manager/solver/dns_lookup.hpp"
#include "agent/manager/solver/solver.hpp"
#include "agent/manager/solver/tls_alpn01_listener.hpp"
#include "agent/manager/solver/users.hpp"

#include <mutex>

namespace sealring::agent {

class tls_alpn01_solver final : public solver {
public:
  tls_alpn01_solver(tls_alpn01_section settings, const dns_lookup& lookup, note log)
      : settings_{std::move(settings)}, lookup_{lookup}, log_{std::move(log)} {}

  [[nodiscard]] result<void> present(const challenge_task&) override;
  [[nodiscard]] result<void> look(const challenge_task&) override;
  [[nodiscard]] bool clean_up(const challenge_task&) noexcept override;

private:
  tls_alpn01_section settings_;
  const dns_lookup& lookup_;
  note log_;
  std::mutex mutex_;
  std::optional<tls_alpn01_listener> listener_;
  users<std::string> tokens_;  ///< and the server name of each
};

}  // namespace sealring::agent
