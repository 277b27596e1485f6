// token::generate: a key pair that is born in the token, cannot leave it, and has shown that it works.
#include "hsm/public_half.hpp"
#include "hsm/token.hpp"

#include <openssl/rand.h>

#include <algorithm>

namespace sealring::inline v0::hsm {

namespace {

/// How a type of key is asked for.
struct recipe {
  CK_MECHANISM_TYPE mechanism;
  CK_ULONG modulus_bits;
  std::vector<bytes> curves;  // CKA_EC_PARAMS, in the forms that tokens know, the likeliest first
};

recipe recipe_for(key_type type) {
  switch (type) {
    case key_type::p256: return {CKM_EC_KEY_PAIR_GEN, 0, {{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}}};
    case key_type::p384: return {CKM_EC_KEY_PAIR_GEN, 0, {{0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22}}};
    case key_type::rsa2048: return {CKM_RSA_PKCS_KEY_PAIR_GEN, 2048, {}};
    case key_type::rsa3072: return {CKM_RSA_PKCS_KEY_PAIR_GEN, 3072, {}};
    case key_type::rsa4096: return {CKM_RSA_PKCS_KEY_PAIR_GEN, 4096, {}};
    case key_type::ed25519: break;
  }
  bytes by_name{0x13, 0x0c};  // PrintableString
  std::ranges::copy(std::string_view{"edwards25519"}, std::back_inserter(by_name));
  return {CKM_EC_EDWARDS_KEY_PAIR_GEN, 0, {by_name, {0x06, 0x03, 0x2b, 0x65, 0x70}}};
}

struct templates {
  attributes public_half;
  attributes private_half;
};

/// What to ask for, the strictest first; the rest for tokens that refuse to be told what they do anyway. Whatever they are
/// told, the custody is read back before the key is used.
std::vector<templates> attempts(const recipe& how, const std::string& label, const bytes& id) {
  attributes pub;
  pub.set(CKA_TOKEN, true).set(CKA_PRIVATE, false).set(CKA_VERIFY, true).set(CKA_LABEL, label).set(CKA_ID, id);
  attributes priv;
  priv.set(CKA_TOKEN, true).set(CKA_PRIVATE, true).set(CKA_SENSITIVE, true).set(CKA_EXTRACTABLE, false).set(CKA_SIGN, true);
  priv.set(CKA_LABEL, label).set(CKA_ID, id);
  attributes only_sign = priv;
  only_sign.set(CKA_DECRYPT, false).set(CKA_UNWRAP, false).set(CKA_SIGN_RECOVER, false).set(CKA_DERIVE, false);
  attributes implied_private = priv;
  implied_private.drop(CKA_PRIVATE);
  attributes implied_public = pub;
  implied_public.drop(CKA_PRIVATE);

  std::vector<templates> all;
  const auto add = [&](const auto& parameters) {
    for (auto [left, right] : {templates{pub, only_sign}, {pub, priv}, {implied_public, implied_private}}) {
      parameters(left);
      all.push_back({std::move(left), std::move(right)});
    }
  };
  if (how.modulus_bits != 0) {
    add([&](attributes& t) { t.set(CKA_MODULUS_BITS, how.modulus_bits).set(CKA_PUBLIC_EXPONENT, bytes_view{bytes{1, 0, 1}}); });
  }
  for (const auto& curve : how.curves) add([&](attributes& t) { t.set(CKA_EC_PARAMS, curve); });
  return all;
}

/// The token did not like the question, and has made nothing.
bool about_template(CK_RV rv) {
  switch (rv) {
    case CKR_ATTRIBUTE_READ_ONLY:
    case CKR_ATTRIBUTE_TYPE_INVALID:
    case CKR_ATTRIBUTE_VALUE_INVALID:
    case CKR_TEMPLATE_INCOMPLETE:
    case CKR_TEMPLATE_INCONSISTENT:
    case CKR_DOMAIN_PARAMS_INVALID:
    case CKR_CURVE_NOT_SUPPORTED: return true;
    default: return false;
  }
}

struct pair {
  CK_OBJECT_HANDLE public_half = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE private_half = CK_INVALID_HANDLE;
};

sealring::result<pair> make(const module& m, session& s, const recipe& how, const std::string& label, const bytes& id) {
  CK_RV rv = CKR_TEMPLATE_INCONSISTENT;
  for (auto& [pub, priv] : attempts(how, label, id)) {
    CK_MECHANISM mechanism{how.mechanism, nullptr, 0};
    pair made;
    const std::lock_guard alone{m.objects()};
    rv = m.call<&CK_FUNCTION_LIST::C_GenerateKeyPair>(s.handle(), &mechanism, pub.data(), pub.size(), priv.data(), priv.size(),
                                                      &made.public_half, &made.private_half);
    if (rv == CKR_OK) return made;
    if (!about_template(rv)) break;
  }
  s.spoil();
  return fail(errc{rv});
}

/// One signature over something new, checked under the public half before it counts.
result<void> try_out(const key& k) {
  auto bound = k.choose();
  if (!bound) return bound.error();
  fixed_bytes<32> nonce{};
  RAND_bytes(nonce.data(), static_cast<int>(nonce.size()));
  bytes text{};
  std::ranges::copy(std::string_view{"sealring tries a new key: "}, std::back_inserter(text));
  std::ranges::copy(nonce, std::back_inserter(text));
  if (auto signature = sign_bytes(*bound, text); !signature)
    return failure{signature.error(), "the new key '" + k.label() + "' does not sign"};
  return {};
}

}  // namespace

bytes token::random_id() {
  bytes id(20);
  // Without random numbers nothing here works; an empty id is refused by generate().
  if (RAND_bytes(id.data(), static_cast<int>(id.size())) != 1) id.clear();
  return id;
}

result<key> token::generate(key_type type, const std::string& label, bytes id) const {
  if (id.empty()) return failure{sealring::errc::crypto_library_failed, "no random id for the new key"};
  const auto how = recipe_for(type);
  const auto can = link_->mechanism(how.mechanism);
  if (!can || (can->flags & CKF_GENERATE_KEY_PAIR) == 0 ||
      (how.modulus_bits != 0 && can->ulMaxKeySize != 0 && how.modulus_bits > can->ulMaxKeySize &&
       how.modulus_bits / 8 > can->ulMaxKeySize))
    return failure{trouble::unsupported, "the token " + info().text() + " cannot make " + std::string{name_of(type)} + " keys"};

  const auto taken = link_->run([&](session& s) -> sealring::result<std::size_t> {
    if (auto in = link_->check_login(s); !in) return in.error();
    const object_reader reader{link_->module(), s};
    const auto by_label = reader.find(key_template(CKO_PRIVATE_KEY, {}, label));
    if (!by_label) return by_label.error();
    const auto by_id = reader.find(key_template(CKO_PRIVATE_KEY, id, {}));
    if (!by_id) return by_id.error();
    return by_id->size() + (label.empty() ? 0 : by_label->size());
  });
  if (!taken) return failed(taken.error(), "look for a key labelled '" + label + '\'');
  if (*taken != 0)
    return failure{trouble::key_exists, "the token " + info().text() + " has a key labelled '" + label +
                                            "' already: use it, or choose another label"};

  // From here on nothing may be left behind.
  auto made = [&]() -> result<key> {
    auto s = link_->acquire();
    if (!s) return failed(s.error(), "make a key");
    const auto epoch = link_->epoch();
    const auto halves = make(link_->module(), *s, how, label, id);
    if (!halves) return failed(halves.error(), "make a " + std::string{name_of(type)} + " key");
    const object_reader reader{link_->module(), *s};
    auto fresh = read(reader, halves->private_half, epoch);
    if (!fresh) return failed(fresh.error(), "read back the new key");
    const auto public_id = reader.read(halves->public_half, CKA_ID);
    if (!public_id) return failed(public_id.error(), "read back the new key");
    // An id of the token's own choosing would leave us unable to find the key, or to take it away again.
    if (fresh->id() != id || *public_id != id) {
      const bool half_gone = reader.destroy(halves->public_half).has_value();
      const bool gone = reader.destroy(halves->private_half).has_value() && half_gone;
      return failure{trouble::key_not_safe, "the token " + info().text() + " does not keep the id that a key is given" +
                                                (gone ? "" : "; destroy the key labelled '" + label + "' by hand")};
    }
    if (!fresh->custody().never_left() || fresh->kind() != name_of(type))
      return failure{trouble::key_not_safe, "the token " + info().text() + " made a " + fresh->kind() + " key that is only '" +
                                                fresh->custody().text() + "': it does not protect keys as it should"};
    return fresh;
  }();
  if (made) {
    auto works = try_out(*made);
    if (works) return made;
    made = works.error();
  }

  // Twice, since whatever failed above may fail once more.
  auto swept = destroy_id(id);
  if (!swept) swept = destroy_id(id);
  if (swept) return made;
  auto why = made.error();
  why.what += " (and what it left in the token cannot be destroyed now: look for objects labelled '" + label + "')";
  return why;
}

}  // namespace sealring::inline v0::hsm
