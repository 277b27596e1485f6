// http-01 by a listener of our own, which has the port only while a challenge needs it.
#pragma once

#include "agent/config.hpp"
#include "agent/manager/http01.hpp"
#include "agent/manager/solver/http_look.hpp"
#include "agent/manager/solver/users.hpp"

#include <mutex>

namespace sealring::agent {

class http01_listener_solver final : public solver {
public:
  http01_listener_solver(std::string listen, http_ports ports, bool look, const dns_lookup& lookup, note log)
      : listen_{std::move(listen)}, ports_{ports}, look_{look}, lookup_{lookup}, log_{std::move(log)} {}

  [[nodiscard]] result<void> present(const challenge_task&) override;
  [[nodiscard]] result<void> look(const challenge_task&) override;
  [[nodiscard]] bool clean_up(const challenge_task&) noexcept override;

private:
  std::string listen_;
  http_ports ports_;
  bool look_;
  const dns_lookup& lookup_;
  note log_;
  std::mutex mutex_;
  std::optional<http01_listener> listener_;
  users<std::string> tokens_;
};

}  // namespace sealring::agent
