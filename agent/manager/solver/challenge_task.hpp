// One challenge to be met (RFC 8555 section 8).
#pragma once

#include "agent/choice.hpp"
#include "sealring/x509/identifier.hpp"

#include <string>

namespace sealring::agent {

struct challenge_task {
  std::string certificate;        ///< the [[certificate]] that it is for
  identifier id;                  ///< without "*."
  challenge_type type;            ///< which challenge of the authorization is met
  std::string token;              ///< section 8.3
  std::string key_authorization;  ///< section 8.1
  std::string account_url;        ///< dns-account-01 hashes it
};

}  // namespace sealring::agent
