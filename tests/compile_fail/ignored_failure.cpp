// expect: nodiscard
#include "sealring/verified.hpp"

namespace ignored_failure {

bool f(const sealring::es256::public_key& key, sealring::message m, const sealring::es256::signature& signature) {
#ifdef BAD
  sealring::verify<sealring::es256>(key, m, signature);  // and nobody looks
  return true;
#else
  return sealring::verify<sealring::es256>(key, m, signature).has_value();
#endif
}

}  // namespace ignored_failure
