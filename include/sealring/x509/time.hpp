// Times in certificates and revocation lists (RFC 5280 section 4.1.2.5).
#pragma once

#include "sealring/detail/openssl.hpp"

#include <chrono>
#include <optional>

namespace sealring::inline v0::x509 {

using time_point = std::chrono::sys_seconds;

namespace detail {

/// Nothing for what is no time.
std::optional<time_point> to_time(const ASN1_TIME* time);

}  // namespace detail

}  // namespace sealring::inline v0::x509

#ifndef SEALRING_COMPILED
#include "sealring/x509/impl/time.ipp"
#endif
