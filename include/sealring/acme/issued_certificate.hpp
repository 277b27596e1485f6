// Certificates as downloaded (RFC 8555 section 7.4.2): nothing is believed that was not asked for.
#pragma once

#include "sealring/acme/http.hpp"
#include "sealring/acme/order.hpp"
#include "sealring/x509/certificate.hpp"

namespace sealring::inline v0::acme {

/// A certificate chain as downloaded and checked: end entity first.
struct issued_certificate {
  std::string pem;
  std::vector<x509::certificate> chain;
  std::vector<std::string> alternates;  ///< URLs of other chains for it (RFC 8555 section 7.4.2)
};

/// Says whether a chain will do.
template <class P>
concept chain_preference = std::predicate<P&, std::span<const x509::certificate>>;

/// The chain that the CA sends first.
struct any_chain {
  bool operator()(std::span<const x509::certificate>) const noexcept { return true; }
};

namespace detail {

/// Of the alternates that a CA offers, so many are looked at: real ones offer one or two.
inline constexpr std::size_t alternate_limit = 8;

/// The certificate must be for the key and the names that were asked for. Its PEM is written anew: what else the CA's answer
/// may hold does not reach a server's files.
result<issued_certificate> check_certificate(const http::response& r, const std::string& url, const order& o,
                                             const any_public_key& key);

}  // namespace detail

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/issued_certificate.ipp"
#endif
