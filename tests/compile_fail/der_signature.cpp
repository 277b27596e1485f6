// expect: from expression of type .*bytes|no known conversion from .*bytes.* to .*es256::signature
#include "sealring/verified.hpp"

namespace der_signature {

bool f(const sealring::es256::public_key& key, sealring::message m, const sealring::bytes& der) {
#ifdef BAD
  return sealring::verify<sealring::es256>(key, m, der).has_value();
#else
  const auto raw = sealring::ecdsa_from_der<64>(der);
  return raw && sealring::verify<sealring::es256>(key, m, *raw);
#endif
}

}  // namespace der_signature
