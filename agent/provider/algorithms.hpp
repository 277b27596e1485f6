// What the provider offers: one table an operation, each in the file that does it.
#pragma once

#include <openssl/core.h>

namespace sealring::provider {

inline constexpr const char* properties = "provider=sealring";

[[nodiscard]] const OSSL_ALGORITHM* key_managements() noexcept;
[[nodiscard]] const OSSL_ALGORITHM* signatures() noexcept;
[[nodiscard]] const OSSL_ALGORITHM* decoders() noexcept;
[[nodiscard]] const OSSL_ALGORITHM* stores() noexcept;

}  // namespace sealring::provider
