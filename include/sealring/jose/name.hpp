// The names of the algorithms in JOSE ("alg": RFC 7518 section 3.1, RFC 8037 section 3.1).
#pragma once

#include "sealring/algorithm.hpp"

#include <optional>
#include <string_view>

namespace sealring::inline v0::jose {

[[nodiscard]] constexpr std::string_view name(algorithm_id id) noexcept {
  switch (id) {
    case algorithm_id::es256: return "ES256";
    case algorithm_id::es384: return "ES384";
    case algorithm_id::es512: return "ES512";
    case algorithm_id::rs256: return "RS256";
    case algorithm_id::ps256: return "PS256";
    case algorithm_id::eddsa: return "EdDSA";
  }
  return {};
}

/// The algorithm of this name, if it is one of ours. Names are case-sensitive (RFC 7515 section 4.1.1).
[[nodiscard]] constexpr std::optional<algorithm_id> algorithm_named(std::string_view text) noexcept {
  for (const algorithm_id id : every_algorithm)
    if (name(id) == text) return id;
  return {};
}

}  // namespace sealring::inline v0::jose
