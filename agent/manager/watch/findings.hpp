// What became known of a certificate that is in use.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace sealring::agent {

/// What the CRL and the logs say of a certificate.
struct findings {
  std::optional<std::chrono::sys_seconds> revoked_at{};
  std::optional<int> revocation_reason{};
  int valid_scts = 0;
  int unknown_scts = 0;
  int bad_scts = 0;
  std::string trouble{};  ///< what could not be found out, and what is wrong with the SCTs
};

}  // namespace sealring::agent
