// OSSL_OP_KEYMGMT (provider-keymgmt(7)): keys held, compared, shown. None is generated, and no private half goes in or out.

#include "agent/provider/algorithms.hpp"
#include "agent/provider/border.hpp"
#include "agent/provider/scheme.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>

namespace sealring::provider {
namespace {

template <family F>
void* make(void* owner) {
  return new key{*static_cast<const context*>(owner), F};
}

void release(void* k) { key::release(static_cast<key*>(k)); }

/// Takes the key out of hand_over()'s hand.
void* load(const void* reference, std::size_t size) {
  if (size != sizeof(key*)) return nullptr;
  return std::exchange(*static_cast<key**>(const_cast<void*>(reference)), nullptr);
}

void* duplicate(const void* k, int) {
  auto* const same = static_cast<key*>(const_cast<void*>(k));
  same->share();
  return same;
}

int has(const void* data, int selection) {
  const auto* const k = static_cast<const key*>(data);
  if (k == nullptr) return 0;
  if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 && k->private_half() == nullptr) return 0;
  return (selection & OSSL_KEYMGMT_SELECT_ALL) == 0 || k->public_half() != nullptr ? 1 : 0;
}

int match(const void* one, const void* other, int selection) {
  auto* const a = static_cast<const key*>(one)->public_half();
  auto* const b = static_cast<const key*>(other)->public_half();
  if (a == nullptr || b == nullptr) return 0;
  return (selection & OSSL_KEYMGMT_SELECT_KEYPAIR) != 0 ? EVP_PKEY_eq(a, b) == 1 : EVP_PKEY_parameters_eq(a, b) == 1;
}

int import(void* data, int selection, const OSSL_PARAM params[]) {
  auto* const k = static_cast<key*>(data);
  if (k->public_half() != nullptr || (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) return 0;
  OSSL_LIB_CTX* const library = k->owner().library();
  if (library == nullptr) return 0;
  const detail::evp_pkey_ctx ctx{EVP_PKEY_CTX_new_from_name(library, name_of(k->kind()), nullptr)};
  EVP_PKEY* half = nullptr;
  if (!ctx || EVP_PKEY_fromdata_init(ctx.get()) != 1 ||
      EVP_PKEY_fromdata(ctx.get(), &half, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(params)) != 1)
    return 0;
  k->take_public_half(detail::evp_pkey{half});
  return 1;
}

/// Where the private half is asked for, too, nothing is given: with half of what it wanted libssl would sign in software.
int export_(void* data, int selection, OSSL_CALLBACK* take, void* argument) {
  const auto* const k = static_cast<const key*>(data);
  if (k->public_half() == nullptr || (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0) return 0;
  return EVP_PKEY_export(k->public_half(), EVP_PKEY_PUBLIC_KEY, take, argument);
}

constexpr OSSL_PARAM text(const char* name) { return {name, OSSL_PARAM_UTF8_STRING, nullptr, 0, OSSL_PARAM_UNMODIFIED}; }
constexpr OSSL_PARAM octets(const char* name) { return {name, OSSL_PARAM_OCTET_STRING, nullptr, 0, OSSL_PARAM_UNMODIFIED}; }
constexpr OSSL_PARAM number(const char* name) { return {name, OSSL_PARAM_INTEGER, nullptr, 0, OSSL_PARAM_UNMODIFIED}; }
constexpr OSSL_PARAM big(const char* name) { return {name, OSSL_PARAM_UNSIGNED_INTEGER, nullptr, 0, OSSL_PARAM_UNMODIFIED}; }
constexpr OSSL_PARAM last{nullptr, 0, nullptr, 0, 0};

template <family F>
inline constexpr OSSL_PARAM public_parts[]{octets(OSSL_PKEY_PARAM_PUB_KEY), last};
template <>
inline constexpr OSSL_PARAM public_parts<family::ec>[] {
  text(OSSL_PKEY_PARAM_GROUP_NAME), octets(OSSL_PKEY_PARAM_PUB_KEY), last
};
template <>
inline constexpr OSSL_PARAM public_parts<family::rsa>[] { big(OSSL_PKEY_PARAM_RSA_N), big(OSSL_PKEY_PARAM_RSA_E), last };

template <family F>
const OSSL_PARAM* parts(int selection) {
  return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 ? nullptr : public_parts<F>;
}

int get_params(void* data, OSSL_PARAM params[]) {
  const auto* const k = static_cast<const key*>(data);
  if (k->public_half() == nullptr || EVP_PKEY_get_params(k->public_half(), params) != 1) return 0;
  // Whoever names no hash (`openssl req`) takes this one, and in software it is SHA-256 for each curve. Ours have one each.
  OSSL_PARAM* const usual = OSSL_PARAM_locate(params, OSSL_PKEY_PARAM_DEFAULT_DIGEST);
  if (usual == nullptr || k->private_half() == nullptr) return 1;
  const char* const hash = scheme{*k}.hash();
  return hash == nullptr || OSSL_PARAM_set_utf8_string(usual, hash) == 1 ? 1 : 0;
}

/// What the default provider has for the family; it decides when it is asked.
const OSSL_PARAM* gettable_params(void*) {
  static constexpr OSSL_PARAM all[]{number(OSSL_PKEY_PARAM_BITS),
                                    number(OSSL_PKEY_PARAM_SECURITY_BITS),
                                    number(OSSL_PKEY_PARAM_MAX_SIZE),
                                    text(OSSL_PKEY_PARAM_DEFAULT_DIGEST),
                                    text(OSSL_PKEY_PARAM_MANDATORY_DIGEST),
                                    text(OSSL_PKEY_PARAM_GROUP_NAME),
                                    octets(OSSL_PKEY_PARAM_PUB_KEY),
                                    octets(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY),
                                    big(OSSL_PKEY_PARAM_EC_PUB_X),
                                    big(OSSL_PKEY_PARAM_EC_PUB_Y),
                                    big(OSSL_PKEY_PARAM_RSA_N),
                                    big(OSSL_PKEY_PARAM_RSA_E),
                                    last};
  return all;
}

/// OpenSSL would look for a signature called "EC".
template <family F>
const char* operation_name(int operation) {
  return F == family::ec && operation == OSSL_OP_SIGNATURE ? "ECDSA" : name_of(F);
}

template <family F>
const OSSL_DISPATCH* table() {
  static const OSSL_DISPATCH functions[] = {entry<&make<F>>(OSSL_FUNC_KEYMGMT_NEW),
                                            entry<&release>(OSSL_FUNC_KEYMGMT_FREE),
                                            entry<&load>(OSSL_FUNC_KEYMGMT_LOAD),
                                            entry<&duplicate>(OSSL_FUNC_KEYMGMT_DUP),
                                            entry<&has>(OSSL_FUNC_KEYMGMT_HAS),
                                            entry<&match>(OSSL_FUNC_KEYMGMT_MATCH),
                                            entry<&import>(OSSL_FUNC_KEYMGMT_IMPORT),
                                            entry<&parts<F>>(OSSL_FUNC_KEYMGMT_IMPORT_TYPES),
                                            entry<&export_>(OSSL_FUNC_KEYMGMT_EXPORT),
                                            entry<&parts<F>>(OSSL_FUNC_KEYMGMT_EXPORT_TYPES),
                                            entry<&get_params>(OSSL_FUNC_KEYMGMT_GET_PARAMS),
                                            entry<&gettable_params>(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS),
                                            entry<&operation_name<F>>(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME),
                                            end_of_dispatch};
  return functions;
}

}  // namespace

const OSSL_ALGORITHM* key_managements() noexcept {
  static const OSSL_ALGORITHM all[] = {
      {"EC:id-ecPublicKey:1.2.840.10045.2.1", properties, table<family::ec>(), ec_description},
      {"RSA:rsaEncryption:1.2.840.113549.1.1.1", properties, table<family::rsa>(), "RSA keys that an agent keeps"},
      {"ED25519:1.3.101.112", properties, table<family::ed25519>(), "Ed25519 keys that an agent keeps"},
      {nullptr, nullptr, nullptr, nullptr}};
  return all;
}

}  // namespace sealring::provider
