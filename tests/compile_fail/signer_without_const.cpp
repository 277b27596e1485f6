// expect: required expression .*s\.sign.* is invalid|sign\(in\).* is invalid|discards qualifiers|function is not marked const
#include "sealring/signer.hpp"

namespace signer_without_const {

struct key {
  using algorithm_type = sealring::es256;
  const sealring::es256::public_key& public_key() const noexcept;
#ifdef BAD
  sealring::result<sealring::es256::signature> sign(const sealring::es256::input&);
#else
  sealring::result<sealring::es256::signature> sign(const sealring::es256::input&) const;
#endif
};

auto f(const key& k, sealring::message m) { return sealring::sign(k, m); }

}  // namespace signer_without_const
