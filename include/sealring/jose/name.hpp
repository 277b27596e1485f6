// The names of the algorithms in JOSE ("alg": RFC 7518 section 3.1, RFC 8037 section 3.1).
#pragma once

#include "sealring/algorithm.hpp"

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

}  // namespace sealring::inline v0::jose
