// Chains: built from certificates in any order, and chosen by the root that they lead to.
#pragma once

#include "sealring/x509/certificate.hpp"

namespace sealring::inline v0::x509 {

/// Every chain from `leaf` up through CA certificates of `pool` that are valid at the time `now`, each as long as it can be: 32
/// chains of 10 members at most, after 1000 checks of a signature. A chain is no validated path: of names and policies nothing
/// is asked. The leaf alone where the pool has no issuer of it. What servers send ends below the root: leave roots out of the
/// pool for that.
[[nodiscard]] std::vector<std::vector<certificate>> build_chains(const certificate& leaf, std::span<const certificate> pool,
                                                                 time_point now);

/// Whether a chain leads to the root that is wanted: a chain_preference for acme::client::download.
class leads_to {
public:
  /// `root` is the common name of the root's subject, or the SHA-256 of its SubjectPublicKeyInfo in hexadecimal (see
  /// certificate::spki_sha256). CAs do not send their roots: by its key, one that was not sent is known only if it is among
  /// `roots`, and by its name always.
  explicit leads_to(std::string root, std::vector<certificate> roots = {});

  [[nodiscard]] bool operator()(std::span<const certificate> chain) const;

private:
  std::string root_;
  std::vector<certificate> roots_;
};

}  // namespace sealring::inline v0::x509

#ifndef SEALRING_COMPILED
#include "sealring/x509/impl/chain.ipp"
#endif
