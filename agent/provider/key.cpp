#include "agent/provider/key.hpp"

#include <openssl/core_names.h>
#include <openssl/core_object.h>

namespace sealring::provider {

const char* name_of(family f) noexcept {
  switch (f) {
    case family::ec: return "EC";
    case family::rsa: return "RSA";
    case family::ed25519: return "ED25519";
  }
  return "";
}

namespace {

detail::evp_pkey read_spki(OSSL_LIB_CTX* library, bytes_view spki) {
  const unsigned char* at = spki.data();
  detail::evp_pkey half{d2i_PUBKEY_ex(nullptr, &at, static_cast<long>(spki.size()), library, nullptr)};
  if (at != spki.data() + spki.size()) half.reset();
  return half;
}

struct kind {
  family of;
  algorithm_id usual;
};

std::optional<kind> kind_of(EVP_PKEY* half) {
  if (EVP_PKEY_is_a(half, "RSA") == 1) return kind{family::rsa, algorithm_id::rs256};
  if (EVP_PKEY_is_a(half, "ED25519") == 1) return kind{family::ed25519, algorithm_id::eddsa};
  char group[32];
  if (EVP_PKEY_is_a(half, "EC") != 1 || EVP_PKEY_get_group_name(half, group, sizeof group, nullptr) != 1) return std::nullopt;
  for (const auto& [name, usual] : {std::pair{SN_X9_62_prime256v1, algorithm_id::es256},
                                    {SN_secp384r1, algorithm_id::es384},
                                    {SN_secp521r1, algorithm_id::es512}})
    if (std::string_view{group} == name) return kind{family::ec, usual};
  return std::nullopt;
}

}  // namespace

bool check_order(const context& owner) {
  const std::unique_ptr<EVP_KEYMGMT, void (*)(EVP_KEYMGMT*)> first{EVP_KEYMGMT_fetch(nullptr, "EC", nullptr),
                                                                   &EVP_KEYMGMT_free};
  const char* const whose = first ? EVP_KEYMGMT_get0_description(first.get()) : nullptr;
  if (whose == nullptr || std::string_view{whose} != ec_description) return true;
  owner.raise(reason::bad_configuration, "openssl.cnf must activate the default provider, and list it before sealring");
  return false;
}

key* key::from_reference(const context& owner, const client::key_reference& r) {
  const auto failed = [&owner](reason why, const char* text) {
    owner.raise(why, text);
    return nullptr;
  };
  if (!owner.configured().fault.empty()) return failed(reason::bad_configuration, owner.configured().fault.c_str());
  if (!check_order(owner)) return nullptr;
  OSSL_LIB_CTX* const library = owner.library();
  if (library == nullptr) return failed(reason::internal, "OpenSSL's default provider cannot be loaded");
  auto half = read_spki(library, r.spki);
  if (!half) return failed(reason::malformed_reference, "its public key cannot be read");
  const auto found = kind_of(half.get());
  if (!found) return failed(reason::unsupported, "its key is neither RSA nor Ed25519 nor on P-256, P-384 or P-521");
  remote there{r.key, {}, found->usual, owner.link_to(r.sockets, r.agent)};
  std::size_t size = there.spki_sha256.size();
  if (there.agent == nullptr ||
      EVP_Q_digest(library, "SHA256", nullptr, r.spki.data(), r.spki.size(), there.spki_sha256.data(), &size) != 1)
    return failed(reason::internal, "the key cannot be set up");
  auto* const made = new key{owner, found->of};
  made->public_half_ = std::move(half);
  made->private_half_ = std::move(there);
  return made;
}

int hand_over(key* made, OSSL_CALLBACK* take, void* argument) {
  int type = OSSL_OBJECT_PKEY;
  auto* const name = const_cast<char*>(name_of(made->kind()));
  OSSL_PARAM object[] = {
      OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
      OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, name, 0),
      OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, static_cast<void*>(&made), sizeof(key*)), OSSL_PARAM_END};
  const int taken = take(object, argument);
  key::release(made);  // nullptr once it was taken: see load() in key_management.cpp
  return taken;
}

}  // namespace sealring::provider
