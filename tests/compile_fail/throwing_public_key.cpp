// expect: public_key\(\).* is not .noexcept.|s\.public_key\(\).* may throw an exception
#include "sealring/signer.hpp"

namespace throwing_public_key {

struct key {
  using algorithm_type = sealring::es256;
#ifdef BAD
  const sealring::es256::public_key& public_key() const;
#else
  const sealring::es256::public_key& public_key() const noexcept;
#endif
  sealring::result<sealring::es256::signature> sign(const sealring::es256::input&) const;
};

auto f(const key& k, sealring::message m) { return sealring::sign(k, m); }

}  // namespace throwing_public_key
