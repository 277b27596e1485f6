// expect: digest<.*sha384.*digest<.*sha256
#include "sealring/software_key.hpp"

namespace wrong_hash {

#ifdef BAD
using hash_type = sealring::sha384;
#else
using hash_type = sealring::sha256;
#endif

auto f(const sealring::software_key<sealring::es256>& key, sealring::message m) {
  return key.sign(sealring::hash<hash_type>(m).value());
}

}  // namespace wrong_hash
