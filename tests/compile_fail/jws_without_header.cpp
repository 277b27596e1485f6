// expect: h\.add_to\(header\).* is invalid|no member named 'add_to'
#include "sealring/jose/jws.hpp"
#include "sealring/software_key.hpp"

namespace jws_without_header {

auto f(const sealring::software_key<sealring::es256>& key) {
#ifdef BAD
  return sealring::jose::sign_flattened(key, {}, {});
#else
  return sealring::jose::sign_flattened(sealring::jose::with_jwk{key}, {}, {});
#endif
}

}  // namespace jws_without_header
