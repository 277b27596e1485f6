// Every generic function of the toolkit, instantiated with the archetypes and nothing better.
#include "concepts/archetypes.hpp"
#include "sealring/jose/hmac.hpp"
#include "sealring/software_key.hpp"
#include "sealring/verified.hpp"
#include "sealring/x509/csr.hpp"

namespace sealring::archetypes {

/// The least that can sign a JWS. An HMAC key is the other model.
struct jws_signer_archetype : unhelpful {
  void add_to(jose::object_writer&) const;
  result<bytes> sign(message) const;
};
static_assert(jose::jws_signer<jws_signer_archetype>);
static_assert(jose::jws_signer<jose::hmac_key>);
static_assert(jose::jws_signer<jose::with_jwk<signer_archetype<es256>>> &&
              jose::jws_signer<jose::with_kid<any_signer<signer_archetype>>>);

struct header_from_the_caller : jws_signer_archetype {
  void add_to(std::string&) const;
};
struct typed_signature : jws_signer_archetype {
  result<fixed_bytes<64>> sign(message) const;
};
struct mutable_jws_signer : jws_signer_archetype {
  result<bytes> sign(message);
};
static_assert(!jose::jws_signer<header_from_the_caller>);
static_assert(!jose::jws_signer<typed_signature>);
static_assert(!jose::jws_signer<mutable_jws_signer>);
static_assert(!jose::jws_signer<signer_archetype<es256>>);  // a signer knows no header: with_jwk or with_kid says which

// Only compiled: the archetypes' members are declared and never defined.
template <algorithm A>
void typed(const signer_archetype<A>& s, message m, std::span<const identifier> names) {
  static_cast<void>(sign(s, m));
  static_cast<void>(id_of(s));
  static_cast<void>(public_key_of_signer(s));
  static_cast<void>(sign_bytes(s, m));
  static_cast<void>(jose::sign_flattened(jose::with_jwk{s}, {}, {}));
  static_cast<void>(jose::sign_flattened(jose::with_kid{s, {}}, {}, {}));
  static_cast<void>(x509::make_csr(s, names));
  if (const auto checked = verified<signer_archetype<A>>::make(s)) static_cast<void>(sign(*checked, m));
  if (const auto check = verifier<A>::make(s.public_key())) static_cast<void>(sizeof(*check));
}
template void typed(const signer_archetype<es256>&, message, std::span<const identifier>);
template void typed(const signer_archetype<rs256>&, message, std::span<const identifier>);
template void typed(const signer_archetype<eddsa>&, message, std::span<const identifier>);

void own_algorithm(const signer_archetype<toy_algorithm>& s, message m) { static_cast<void>(sign(s, m)); }

void any(const any_signer<signer_archetype>& s, const jws_signer_archetype& j, message m, std::span<const identifier> names) {
  static_cast<void>(id_of(s));
  static_cast<void>(public_key_of_signer(s));
  static_cast<void>(sign_bytes(s, m));
  static_cast<void>(jose::sign_flattened(jose::with_jwk{s}, {}, {}));
  static_cast<void>(jose::sign_flattened(j, {}, {}));
  static_cast<void>(jose::sign_compact(j, {}, {}));
  static_cast<void>(jose::sign_flattened_detached(j, {}, {}));
  static_cast<void>(jose::sign_compact_detached(j, jose::acme_header{}, {}));
  static_cast<void>(x509::make_csr(s, names));
}

}  // namespace sealring::archetypes
