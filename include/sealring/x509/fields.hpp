// What certificates and revocation lists are made of, as values of ours.
#pragma once

#include "sealring/detail/openssl.hpp"

namespace sealring::inline v0::x509::detail {

bytes_view octets(const ASN1_STRING* value) noexcept;

std::string to_hex(bytes_view data);

/// Empty for what has no text.
std::string to_utf8(const ASN1_STRING* value);

/// The last, which is the most specific; empty where there is none.
std::string common_name(const X509_NAME* name);

std::string to_dotted(const ASN1_OBJECT* oid);

using distribution_points = sealring::detail::owned<CRL_DIST_POINTS, CRL_DIST_POINTS_free>;

distribution_points distribution_points_of(const X509* x509);

/// The names of a distribution point that is the issuer's own and for every reason; null otherwise.
const GENERAL_NAMES* full_names(const DIST_POINT* point) noexcept;

}  // namespace sealring::inline v0::x509::detail

#ifndef SEALRING_COMPILED
#include "sealring/x509/impl/fields.ipp"
#endif
