// A JWK, a set of them, or a JWS of either form: a key that is taken is written again with all its members and read the same,
// and shows no secret; a signature by a key that signs nothing is never good.
#include "sealring/jose/read_hmac_key.hpp"
#include "sealring/jose/read_jwk_set.hpp"
#include "sealring/jose/verify_jws.hpp"

#include <cstdlib>

using namespace sealring;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

bool same(const jose::jwk& a, const jose::jwk& b) {
  return a.key == b.key && a.kid == b.kid && a.use == b.use && a.key_ops == b.key_ops && a.alg == b.alg && a.other == b.other;
}

void check(const jose::jwk& key) {
  for (const char* secret : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}) demand(key.other.if_contains(secret) == nullptr);
  const auto again = jose::read_jwk(jose::to_jwk(key));
  demand(again.has_value() && same(*again, key));
  demand(jose::thumbprint(key.key).value() == jose::thumbprint(again->key).value());
}

void check(const jose::jwk_set& set) {
  for (const jose::jwk& key : set.keys) {
    check(key);
    if (const jose::jwk* found = key.kid ? set.find(*key.kid) : nullptr) demand(same(*found, key));
  }
  const auto again = jose::read_jwk_set(jose::to_jwk_set(set));
  demand(again.has_value() && again->keys.size() == set.keys.size() && again->other == set.other);
}

void check(const jose::jws& j) {
  static const ec_public_key<p256> point = [] {
    const detail::evp_pkey key{EVP_EC_gen("P-256")};
    return std::get<ec_public_key<p256>>(from_spki(detail::to_der<i2d_PUBKEY>(key.get())).value());
  }();
  demand(!j.alg().empty() && j.signing_input.find('.') != std::string::npos);
  demand(!jose::verify(j, any_public_key{point}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bytes_view input{data, size};
  const std::string_view text = as_text(input);
  if (const auto key = jose::read_jwk(text)) check(*key);
  if (const auto set = jose::read_jwk_set(text)) check(*set);
  static_cast<void>(jose::read_hmac_key(text));
  for (const auto detached : {std::optional<bytes_view>{}, std::optional{input}}) {
    if (const auto j = jose::read_compact(text, detached)) check(*j);
    if (const auto j = jose::read_flattened(text, detached)) check(*j);
  }
  demand(ERR_peek_error() == 0);
  return 0;
}
