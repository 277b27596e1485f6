// http-01 by files below another server's document root.
#pragma once

#include "agent/manager/solver/http_look.hpp"
#include "agent/manager/solver/users.hpp"
#include "agent/manager/solver/webroot.hpp"

#include <mutex>

namespace sealring::agent {

class http01_webroot_solver final : public solver {
public:
  http01_webroot_solver(std::filesystem::path webroot, http_ports ports, bool look, const dns_lookup& lookup, note log)
      : webroot_{std::move(webroot)}, ports_{ports}, look_{look}, lookup_{lookup}, log_{std::move(log)} {}

  [[nodiscard]] result<void> present(const challenge_task&) override;
  [[nodiscard]] result<void> look(const challenge_task&) override;
  [[nodiscard]] bool clean_up(const challenge_task&) noexcept override;

private:
  std::filesystem::path webroot_;
  http_ports ports_;
  bool look_;
  const dns_lookup& lookup_;
  note log_;
  std::mutex mutex_;
  made_folders made_;
  users<std::string> tokens_;
};

}  // namespace sealring::agent
