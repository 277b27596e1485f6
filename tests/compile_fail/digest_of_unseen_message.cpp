// expect: no matching (function for call to|conversion for functional-style cast).*digest<
#include "sealring/digest.hpp"

namespace digest_of_unseen_message {

sealring::digest<sealring::sha256> f(const sealring::fixed_bytes<32>& value) {
#ifdef BAD
  return sealring::digest<sealring::sha256>(value);
#else
  return sealring::digest<sealring::sha256>::already_computed(value);
#endif
}

}  // namespace digest_of_unseen_message
