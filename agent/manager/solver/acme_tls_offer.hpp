// The ALPN extension of tls-alpn-01 (RFC 8737 section 3).
#pragma once

#include <string_view>

namespace sealring::agent {

/// "acme-tls/1" alone, in the wire form of RFC 7301 section 3.1.
inline constexpr std::string_view acme_tls_offer{
    "\x0a"
    "acme-tls/1",
    11};

}  // namespace sealring::agent
