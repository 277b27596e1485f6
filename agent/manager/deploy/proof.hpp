// Whether servers present a certificate, asked as a client would ask: by a TLS handshake.
#pragma once

#include "agent/config.hpp"
#include "sealring/x509/certificate.hpp"

namespace sealring::agent {

/// Servers reload while they serve: they are asked again, with pauses that grow, for so long in all.
struct proof_times {
  std::chrono::milliseconds in_all{10'000};
  std::chrono::milliseconds one_handshake{3000};
  std::chrono::milliseconds first_pause{20};
  std::chrono::milliseconds longest_pause{500};
};

/// Success when each server of `prove` ("HOST:PORT") has shown this certificate's serial and key in a handshake that came to
/// its end: TLS 1.2 or later, with signature algorithms of the key's type, and for the certificate's first name. The chain is
/// not verified. condition::peer_fault if not, and for each server what it presented instead.
[[nodiscard]] result<void> prove(const std::vector<std::string>& servers, const x509::certificate& leaf,
                                 const proof_times& = {});

/// What a client for this certificate would send as server_name (RFC 6066 section 3): its first DNS name that is no wildcard,
/// else a name that the first wildcard covers; empty if it has IP addresses alone.
[[nodiscard]] std::string server_name_for(const x509::certificate& leaf);

}  // namespace sealring::agent
