// expect: does not satisfy return-type-requirement|does not satisfy.*same_as
#include "sealring/signer.hpp"

namespace signer_that_gives_der {

struct key {
  using algorithm_type = sealring::es256;
  const sealring::es256::public_key& public_key() const noexcept;
#ifdef BAD
  sealring::result<sealring::bytes> sign(const sealring::es256::input&) const;
#else
  sealring::result<sealring::es256::signature> sign(const sealring::es256::input&) const;
#endif
};

auto f(const key& k, sealring::message m) { return sealring::sign(k, m); }

}  // namespace signer_that_gives_der
