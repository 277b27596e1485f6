// The kinds of key and signature that can be measured, by the words for them on the command line.
#pragma once

#include "sealring/any_signer.hpp"

#include <optional>

namespace sealring::bench {

struct kind {
  std::string_view word;  ///< "p256", "rsa2048-pkcs1"
  std::string_view key;   ///< the key's type alone, as kind_of() has it
  algorithm_id algorithm;
  unsigned bits;  ///< of an RSA key
};

/// RSA is PSS unless it says otherwise: TLS 1.3 takes nothing else of an RSA key (RFC 8446 section 4.2.3).
inline constexpr kind all_kinds[] = {
    {"p256", "p256", algorithm_id::es256, 0},
    {"p384", "p384", algorithm_id::es384, 0},
    {"p521", "p521", algorithm_id::es512, 0},
    {"rsa2048", "rsa2048", algorithm_id::ps256, 2048},
    {"rsa3072", "rsa3072", algorithm_id::ps256, 3072},
    {"rsa4096", "rsa4096", algorithm_id::ps256, 4096},
    {"rsa2048-pkcs1", "rsa2048", algorithm_id::rs256, 2048},
    {"rsa3072-pkcs1", "rsa3072", algorithm_id::rs256, 3072},
    {"rsa4096-pkcs1", "rsa4096", algorithm_id::rs256, 4096},
    {"ed25519", "ed25519", algorithm_id::eddsa, 0},
};

[[nodiscard]] inline const kind* find_kind(std::string_view word) noexcept {
  for (const kind& one : all_kinds)
    if (one.word == word) return &one;
  return nullptr;
}

}  // namespace sealring::bench
