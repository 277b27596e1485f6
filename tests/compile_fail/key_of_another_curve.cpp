// expect: from expression of type .*p384|no known conversion from .*curve.* to .*p256
#include "sealring/verified.hpp"

namespace key_of_another_curve {

#ifdef BAD
using curve = sealring::p384;
#else
using curve = sealring::p256;
#endif

bool f(const sealring::ec_public_key<curve>& key, sealring::message m, const sealring::es256::signature& signature) {
  return sealring::verify<sealring::es256>(key, m, signature).has_value();
}

}  // namespace key_of_another_curve
