// A key as OpenSSL sees it: of a provider, of libp11, or in memory.
#pragma once

#include "bench/layers.hpp"
#include "sealring/detail/openssl.hpp"

namespace sealring::bench {

struct evp_key {
  OSSL_LIB_CTX* context = nullptr;  ///< never freed: a PKCS#11 provider would finalise the module that we all share
  detail::shared_evp_pkey key{};
  any_public_key public_key{};
  std::shared_ptr<own_agent> agent{};  ///< that signs; nullptr: this process does
};

/// Each loads the key of this kind. condition::unsupported where what it needs is not there.
[[nodiscard]] result<evp_key> evp_key_in_memory(const kind&);
[[nodiscard]] result<evp_key> evp_key_by_pkcs11_provider(bed&, const kind&);
[[nodiscard]] result<evp_key> evp_key_by_sealring(bed&, const kind&);
[[nodiscard]] result<evp_key> evp_key_by_libp11(bed&, const kind&);

}  // namespace sealring::bench
