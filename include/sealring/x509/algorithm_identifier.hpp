// The names of the algorithms in X.509 (AlgorithmIdentifier: RFC 5758, RFC 4055, RFC 8410).
#pragma once

#include "sealring/algorithm.hpp"

#include <openssl/x509.h>

namespace sealring::inline v0::x509 {

[[nodiscard]] sealring::detail::x509_algor algorithm_identifier(algorithm_id id);

}  // namespace sealring::inline v0::x509

#ifndef SEALRING_COMPILED
#include "sealring/x509/impl/algorithm_identifier.ipp"
#endif
