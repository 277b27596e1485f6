// Certificates in use: whether their CA has revoked them, and whether their SCTs are what CT logs signed.
#pragma once

#include "agent/config.hpp"
#include "agent/manager/record.hpp"
#include "agent/manager/watch/crl_cache.hpp"
#include "agent/manager/watch/ct_log_file.hpp"
#include "agent/manager/watch/findings.hpp"

#include <memory>

namespace sealring::agent {

/// Safe from several threads at once.
class watcher {
public:
  /// condition::bad_input or operator_needed where [watch] ct-logs cannot be read.
  [[nodiscard]] static result<watcher> make(std::shared_ptr<const config>);

  /// Of the certificate in live/NAME, which must be this one. May take as long as its CRL takes to come.
  [[nodiscard]] findings check(const certificate& held) const;

private:
  explicit watcher(std::shared_ptr<const config>);

  std::shared_ptr<const config> config_;
  std::unique_ptr<crl_cache> crls_;
  std::unique_ptr<ct_log_file> logs_;  ///< null: SCTs are not judged
};

}  // namespace sealring::agent
