// The signer concepts: what models them, and near misses with one fault each.
#include "concepts/archetypes.hpp"
#include "sealring/software_key.hpp"
#include "sealring/verified.hpp"

#include <optional>

namespace sealring::archetypes {
namespace {

// --- algorithm ------------------------------------------------------------------------------------------------------------

static_assert(algorithm<es256> && algorithm<es384> && algorithm<es512> && algorithm<rs256> && algorithm<ps256> &&
              algorithm<eddsa>);
static_assert(!algorithm<int> && !algorithm<p256>);

struct has_state : toy_algorithm {
  int state;  // an algorithm is a name, not an object
};
struct no_public_key {
  struct signature {};
  struct input {};
  static constexpr auto id = algorithm_id::es256;
  static result<input> prepare(message);
};
struct no_signature {
  struct public_key {};
  struct input {};
  static constexpr auto id = algorithm_id::es256;
  static result<input> prepare(message);
};
struct no_id {
  struct public_key {};
  struct signature {};
  struct input {};
  static result<input> prepare(message);
};
struct nameless : no_id {
  static constexpr int id = 1;  // a number is no algorithm_id
};
struct infallible_prepare : toy_algorithm {
  static input prepare(message);  // hashing can fail
};
static_assert(!algorithm<has_state>);
static_assert(!algorithm<no_public_key>);
static_assert(!algorithm<no_signature>);
static_assert(!algorithm<no_id>);
static_assert(!algorithm<nameless>);
static_assert(!algorithm<infallible_prepare>);

// --- digest: made by hashing, for one hash ---------------------------------------------------------------------------------

static_assert(!std::constructible_from<digest<sha256>, fixed_bytes<32>>);
static_assert(!std::constructible_from<digest<sha256>, bytes_view>);
static_assert(!std::convertible_to<digest<sha256>, digest<sha384>> && !std::constructible_from<digest<sha384>, digest<sha256>>);

// --- keypair and signer -----------------------------------------------------------------------------------------------------

template <class A>
inline constexpr bool modelled_by_all =
    signer<signer_archetype<A>> && keypair<signer_archetype<A>> && signer<software_key<A>> &&
    signer<verified<software_key<A>>> && signer<verified<signer_archetype<A>>>;
static_assert(modelled_by_all<es256> && modelled_by_all<es384> && modelled_by_all<es512>);
static_assert(modelled_by_all<rs256> && modelled_by_all<ps256> && modelled_by_all<eddsa>);
static_assert(signer<signer_archetype<toy_algorithm>>);
static_assert(async_signer<async_signer_archetype<es256>> && async_signer<async_signer_archetype<eddsa>>);
static_assert(keypair<keypair_archetype<es256>>);

// The archetypes are minimal: a bare keypair signs in no way, and neither way of signing implies the other.
static_assert(!signer<keypair_archetype<es256>> && !async_signer<keypair_archetype<es256>>);
static_assert(!signer<async_signer_archetype<es256>> && !async_signer<signer_archetype<es256>>);
static_assert(!std::default_initializable<signer_archetype<es256>> && !std::movable<signer_archetype<es256>>);

using archetype = signer_archetype<es256>;
using p256_key = ec_public_key<p256>;

struct no_algorithm {
  const p256_key& public_key() const noexcept;
  result<fixed_bytes<64>> sign(const digest<sha256>&) const;
};
struct only_moves : archetype {
  only_moves(only_moves&&);
};
struct throwing_public_key : archetype {
  const p256_key& public_key() const;
};
struct public_key_by_value : archetype {
  p256_key public_key() const noexcept;
};
struct mutable_public_key : archetype {
  const p256_key& public_key() noexcept;
};
struct fallible_public_key : archetype {
  result<p256_key> public_key() const noexcept;
};
struct key_of_another_curve : archetype {
  const ec_public_key<p384>& public_key() const noexcept;
};
struct mutable_sign : archetype {
  result<fixed_bytes<64>> sign(const digest<sha256>&);
};
struct takes_wrong_hash : archetype {
  result<fixed_bytes<64>> sign(const digest<sha384>&) const;
};
struct takes_message : archetype {
  result<fixed_bytes<64>> sign(message) const;
};
struct takes_mutable_input : archetype {
  result<fixed_bytes<64>> sign(digest<sha256>&) const;
};
struct gives_der : archetype {
  result<bytes> sign(const digest<sha256>&) const;
};
struct gives_wrong_width : archetype {
  result<fixed_bytes<96>> sign(const digest<sha256>&) const;
};
struct cannot_fail : archetype {
  fixed_bytes<64> sign(const digest<sha256>&) const;
};
struct throws_instead : archetype {
  std::optional<fixed_bytes<64>> sign(const digest<sha256>&) const;
};
static_assert(!signer<no_algorithm>);
static_assert(!signer<only_moves>);
static_assert(!signer<throwing_public_key>);
static_assert(!signer<public_key_by_value>);
static_assert(!signer<mutable_public_key>);
static_assert(!signer<fallible_public_key>);
static_assert(!signer<key_of_another_curve>);
static_assert(!signer<mutable_sign>);
static_assert(!signer<takes_wrong_hash>);
static_assert(!signer<takes_message>);
static_assert(!signer<takes_mutable_input>);
static_assert(!signer<gives_der>);
static_assert(!signer<gives_wrong_width>);
static_assert(!signer<cannot_fail>);
static_assert(!signer<throws_instead>);
static_assert(!signer<int> && !signer<EVP_PKEY*>);

// --- async_signer -----------------------------------------------------------------------------------------------------------

struct mutable_async_sign : keypair_archetype<es256> {
  void async_sign(digest<sha256>, void (*)(std::error_code, fixed_bytes<64>));
};
struct completes_with_result : keypair_archetype<es256> {
  void async_sign(digest<sha256>, void (*)(result<fixed_bytes<64>>)) const;
};
struct completes_with_der : keypair_archetype<es256> {
  void async_sign(digest<sha256>, void (*)(std::error_code, bytes)) const;
};
struct borrows_input : keypair_archetype<es256> {
  void async_sign(digest<sha256>&, void (*)(std::error_code, fixed_bytes<64>)) const;
};
static_assert(!async_signer<mutable_async_sign>);
static_assert(!async_signer<completes_with_result>);
static_assert(!async_signer<completes_with_der>);
static_assert(!async_signer<borrows_input>);

// --- some_signer: a signer, or a variant of them
// ------------------------------------------------------------------------------

static_assert(some_signer<signer_archetype<rs256>>);
static_assert(some_signer<any_signer<signer_archetype>>);
static_assert(some_signer<std::variant<signer_archetype<es256>>>);
static_assert(!some_signer<keypair_archetype<es256>>);
static_assert(!some_signer<std::variant<signer_archetype<es256>, keypair_archetype<es256>>>);

}  // namespace
}  // namespace sealring::archetypes
