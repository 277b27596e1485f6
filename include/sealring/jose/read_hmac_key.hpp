// A JWK that holds a shared secret (RFC 7518 section 6.4): the one kind that is not public, so it is asked for by its own name.
#pragma once

#include "sealring/jose/hmac.hpp"

namespace sealring::inline v0::jose {

/// HS256 where it names no algorithm. errc::bad_length if it is shorter than the hash; errc::wrong_key_type if it is meant for
/// something else than signatures. The text that it came in is the caller's to wipe.
[[nodiscard]] result<hmac_key> read_hmac_key(std::string_view text);

}  // namespace sealring::inline v0::jose

#ifndef SEALRING_COMPILED
#include "sealring/jose/impl/read_hmac_key.ipp"
#endif
