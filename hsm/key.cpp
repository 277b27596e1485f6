#include "hsm/key.hpp"

#include "hsm/with_algorithm.hpp"

#include <algorithm>

namespace sealring::inline v0::hsm {

namespace {

constexpr std::array<std::string_view, all_key_types.size()> names{"p256", "p384", "rsa2048", "rsa3072", "rsa4096", "ed25519"};

constexpr std::array every_algorithm{algorithm_id::es256, algorithm_id::es384, algorithm_id::es512,
                                     algorithm_id::rs256, algorithm_id::ps256, algorithm_id::eddsa};

template <class Curve>
std::size_t bits_of(const ec_public_key<Curve>&) {
  return Curve::size == 66 ? 521 : Curve::size * 8;
}
std::size_t bits_of(const rsa_public_key& key) { return key.bits(); }
std::size_t bits_of(const ed25519_public_key&) { return 0; }  // one size only, and modules disagree whether it is 255 or 256

// Key sizes are in bits, but some modules give octets; and some do not say.
bool in_range(const CK_MECHANISM_INFO& info, std::size_t bits) {
  const auto within = [&](std::size_t size) { return info.ulMinKeySize <= size && size <= info.ulMaxKeySize; };
  return bits == 0 || info.ulMaxKeySize == 0 || within(bits) || within((bits + 7) / 8);
}

std::string name_of_mechanism(CK_MECHANISM_TYPE type) {
  switch (type) {
    case CKM_ECDSA: return "CKM_ECDSA";
    case CKM_RSA_PKCS: return "CKM_RSA_PKCS";
    case CKM_RSA_PKCS_PSS: return "CKM_RSA_PKCS_PSS";
    case CKM_EDDSA: return "CKM_EDDSA";
    default: return "mechanism " + std::to_string(type);
  }
}

/// The mechanism that hashes in the token: not what we use, but good to know of when the raw one is absent.
CK_MECHANISM_TYPE hashing_twin(CK_MECHANISM_TYPE type) {
  switch (type) {
    case CKM_ECDSA: return CKM_ECDSA_SHA256;
    case CKM_RSA_PKCS: return CKM_SHA256_RSA_PKCS;
    default: return CKM_SHA256_RSA_PKCS_PSS;
  }
}

result<void> mechanism_fits(const token_link& token, CK_MECHANISM_TYPE type, std::size_t bits) {
  const std::string which = "the token " + token.info().text();
  const auto info = token.mechanism(type);
  if (!info) {
    const bool hashes = type != CKM_EDDSA && token.mechanism(hashing_twin(type));
    return failure{trouble::unsupported,
                   which + " has no " + name_of_mechanism(type) +
                       (hashes ? "; it signs only what it hashes itself, and sealring sends it digests" : "")};
  }
  if ((info->flags & CKF_SIGN) == 0)
    return failure{trouble::unsupported, which + " does not sign with " + name_of_mechanism(type)};
  if (!in_range(*info, bits))
    return failure{trouble::unsupported,
                   which + " does not sign with " + name_of_mechanism(type) + " and keys of " + std::to_string(bits) + " bits"};
  return {};
}

}  // namespace

std::string_view name_of(key_type type) noexcept { return names[static_cast<std::size_t>(type)]; }

std::optional<key_type> key_type_from(std::string_view name) noexcept {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return all_key_types[static_cast<std::size_t>(found - names.begin())];
}

std::string custody::text() const {
  std::string out;
  const auto say = [&](bool is, std::string_view what) {
    if (!is) return;
    if (!out.empty()) out += ", ";
    out += what;
  };
  say(sensitive, "sensitive");
  say(always_sensitive, "always sensitive");
  say(extractable, "EXTRACTABLE");
  say(never_extractable, "never extractable");
  say(local, "local");
  say(always_authenticate, "always authenticate");
  return out;
}

std::string key::kind() const { return kind_of(public_key()); }

std::string key::uri() const {
  const auto& token = shared_->token().info();
  return format_uri(token.label, token.serial, id(), label());
}

result<void> key::check(algorithm_id id) const {
  const std::string which = "the key '" + label() + '\'';
  if (custody_.extractable)
    return failure{trouble::key_extractable,
                   which +
                       " can be taken out of the token (CKA_EXTRACTABLE), so it is not used: make a new "
                       "key in the token"};
  if (custody_.always_authenticate)
    return failure{trouble::key_not_usable, which +
                                                " wants the PIN for every signature (CKA_ALWAYS_AUTHENTICATE), which an "
                                                "unattended program cannot give"};
  if (!custody_.may_sign) return failure{trouble::key_not_usable, which + " is not for signing (CKA_SIGN)"};
  return with_algorithm(id, [&]<class A>(A) -> result<void> {
    const auto* typed = std::get_if<typename A::public_key>(&public_key());
    if (typed == nullptr)
      return failure{make_error_code(sealring::errc::wrong_key_type),
                     which + " is " + kind() + ", not what the algorithm needs"};
    return mechanism_fits(shared_->token(), mechanism_for<A>().type, bits_of(*typed));
  });
}

std::vector<algorithm_id> key::algorithms() const {
  std::vector<algorithm_id> can;
  std::ranges::copy_if(every_algorithm, std::back_inserter(can), [this](algorithm_id id) { return check(id).has_value(); });
  return can;
}

result<any_signer<signer>> key::choose(std::span<const algorithm_id> preferences) const {
  const auto other_type = make_error_code(sealring::errc::wrong_key_type);
  failure why{other_type, "the key '" + label() + "' is " + kind() + ", which fits no algorithm that was asked for"};
  for (const auto id : preferences) {
    auto bound = with_algorithm(id, [this]<class A>(A) -> result<any_signer<signer>> {
      auto typed = bind<A>();
      if (!typed) return typed.error();
      return any_signer<signer>{*std::move(typed)};
    });
    if (bound) return bound;
    // That a P-256 key cannot do RS256 is no news; why it cannot do ES256 is.
    if (why.code == other_type && bound.error().code != other_type) why = bound.error();
  }
  return why;
}

result<any_signer<signer>> key::choose() const { return choose(every_algorithm); }

}  // namespace sealring::inline v0::hsm
