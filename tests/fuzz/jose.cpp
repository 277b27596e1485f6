// JWS, JWK and JWK sets as anybody may send them: what is read is written again with the same meaning, and nothing of it is
// signed by a key that never signed anything.
#include "sealring/jose/read_hmac_key.hpp"
#include "sealring/jose/read_jwk_set.hpp"
#include "sealring/jose/verify_jws.hpp"
#include "sealring/software_key.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

using namespace sealring;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

const any_public_key& stranger() {
  static const any_public_key key = software_key<eddsa>::generate().value().public_key();
  return key;
}

/// The same, but for the last bits of numbers that are no integers of 64 bits: Boost before 1.83 reads them inexactly.
bool alike(const jose::json::value& a, const jose::json::value& b) {
  if (a.is_double() && b.is_double())
    return a == b || std::abs(a.get_double() - b.get_double()) <= 1e-14 * std::abs(a.get_double());
  if (a.is_array() && b.is_array()) return std::ranges::equal(a.get_array(), b.get_array(), alike);
  if (!a.is_object() || !b.is_object()) return a == b;
  return a.get_object().size() == b.get_object().size() && std::ranges::all_of(a.get_object(), [&b](const auto& member) {
           const auto* other = b.get_object().if_contains(member.key());
           return other != nullptr && alike(member.value(), *other);
         });
}

void read_key(std::string_view text) {
  const auto key = jose::read_jwk(text);
  if (!key) return;
  const auto again = jose::read_jwk(jose::to_jwk(*key));
  demand(again && again->key == key->key && again->kid == key->kid && again->use == key->use &&
         again->key_ops == key->key_ops && again->alg == key->alg && alike(again->other, key->other));
  demand(jose::thumbprint(key->key).has_value() && !jose::read_hmac_key(text));
}

void read_set(std::string_view text) {
  const auto set = jose::read_jwk_set(text);
  if (!set) return;
  const auto again = jose::read_jwk_set(jose::to_jwk_set(*set));
  demand(again && again->keys.size() == set->keys.size() && alike(again->other, set->other));
}

void judge(const result<jose::jws>& jws) {
  if (!jws) return;
  demand(!jws->alg().empty() && jws->signing_input.ends_with('.' + base64url_encode(jws->payload)));
  demand(!jose::verify(*jws, stranger()));
  demand(!jose::verify(*jws, jose::hmac_key{"", secret_bytes(64, 1)}));
  const jose::json::value* jwk = jws->parameter("jwk");
  const auto shown = jwk != nullptr && jwk->is_object() ? jose::read_jwk(jwk->get_object()) : fail(errc::bad_json);
  if (shown) static_cast<void>(jose::verify(*jws, *shown));
  const std::string compact = jose::compact(jws->signing_input, jws->signature);
  if (!jws->protected_header.empty() && jws->header.empty()) demand(jose::read_compact(compact).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text({data, size});
  read_key(text);
  read_set(text);
  judge(jose::read_compact(text));
  judge(jose::read_compact(text, as_bytes("detached")));
  judge(jose::read_flattened(text));
  judge(jose::read_flattened(text, as_bytes("detached")));
  demand(ERR_peek_error() == 0);
  return 0;
}
