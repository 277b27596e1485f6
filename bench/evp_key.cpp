#include "bench/evp_key.hpp"

#include "agent/file.hpp"
#include "agent/text.hpp"
#include "bench/child.hpp"
#include "bench/own_agent.hpp"
#include "sealring/software_key.hpp"

#include <openssl/provider.h>
#include <openssl/store.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace sealring::bench {
namespace {

/// The key of this name, in a context of its own with the default provider and the one that `section` describes.
result<evp_key> load_key(std::string_view provider, const std::string& section, const std::string& name) {
  auto folder = temporary_folder::make();
  if (!folder) return folder.error();
  const auto file = (*folder)->path() / "openssl.cnf";
  const std::string text = "openssl_conf = init\n[init]\nproviders = all\n[all]\ndefault = base\n" + std::string{provider} +
                           " = more\n[base]\nactivate = 1\n[more]\nactivate = 1\n" + section;
  if (auto written = agent::write_file(file, text, 0600); !written) return written.error();
  evp_key loaded{.context = OSSL_LIB_CTX_new()};
  const auto why = [](const std::string& what) {
    std::array<char, 256> last{};
    ERR_error_string_n(ERR_peek_last_error(), last.data(), last.size());
    ERR_clear_error();
    return fail(condition::unsupported, what + ": " + last.data());
  };
  if (OSSL_LIB_CTX_load_config(loaded.context, file.c_str()) != 1 ||
      OSSL_PROVIDER_available(loaded.context, std::string{provider}.c_str()) != 1)
    return why("OpenSSL does not load the provider " + std::string{provider});
  OSSL_STORE_CTX* const store =
      OSSL_STORE_open_ex(name.c_str(), loaded.context, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr);
  while (store != nullptr && loaded.key.get() == nullptr && OSSL_STORE_eof(store) != 1) {
    OSSL_STORE_INFO* const info = OSSL_STORE_load(store);
    if (info == nullptr) break;
    if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY) loaded.key = detail::evp_pkey{OSSL_STORE_INFO_get1_PKEY(info)};
    OSSL_STORE_INFO_free(info);
  }
  OSSL_STORE_close(store);
  if (loaded.key.get() == nullptr) return why("the provider " + std::string{provider} + " does not load the key");
  return loaded;
}

/// Where OpenSSL itself would look for a provider of this name.
std::filesystem::path module_of(const char* name) {
  const char* const told = std::getenv("OPENSSL_MODULES");
  const char* const folder = told != nullptr ? told : OPENSSL_info(OPENSSL_INFO_MODULES_DIR);
  if (folder == nullptr) return {};
  auto file = std::filesystem::path{folder} / name;
  return ::access(file.c_str(), R_OK) == 0 ? file : std::filesystem::path{};
}

}  // namespace

result<evp_key> evp_key_in_memory(const kind& k) {
  EVP_PKEY* made = nullptr;
  if (k.bits != 0) made = EVP_RSA_gen(k.bits);
  else if (k.algorithm == algorithm_id::eddsa) made = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  else made = EVP_EC_gen(k.key == "p256" ? "P-256" : k.key == "p384" ? "P-384" : "P-521");
  const auto doing = "making a " + std::string{k.word} + " key";
  if (made == nullptr) return fail(sealring::errc::crypto_library_failed, doing);
  evp_key out{.key = detail::evp_pkey{made}};
  auto half = detail::public_key_of_evp(made);
  if (!half) return fail(half.error(), doing);
  out.public_key = *std::move(half);
  return out;
}

result<evp_key> evp_key_by_pkcs11_provider(bed& b, const kind& k) {
  const auto module = module_of("pkcs11.so");
  if (module.empty())
    return fail(condition::unsupported,
                "pkcs11-provider is not installed (Debian's package of that name, or $OPENSSL_MODULES)");
  if (!b.token.section().pin_file) return fail(condition::unsupported, "pkcs11-provider wants the PIN from a file: --pin-file");
  auto key = b.token.key(k);
  if (!key) return key.error();
  const std::string section = "identity = pkcs11\nmodule = " + agent::openssl_value(module.string()) +
                              "\npkcs11-module-path = " + agent::openssl_value(b.token.section().module.string()) +
                              "\npkcs11-module-token-pin = file:" + agent::openssl_value(b.token.section().pin_file->string()) +
                              "\npkcs11-module-quirks = no-deinit\n";
  auto loaded = load_key("pkcs11", section, key->uri() + ";type=private");
  if (loaded) loaded->public_key = key->public_key();
  return loaded;
}

result<evp_key> evp_key_by_sealring(bed& b, const kind& k) {
  if (b.provider.empty()) return fail(condition::unsupported, "sealring.so is not installed beside this program");
  auto to = agent_of(b, k);
  if (!to) return to.error();
  auto key = (*to)->key(k);
  if (!key) return key.error();
  const std::string section = "identity = sealring\nmodule = " + agent::openssl_value(b.provider.string()) +
                              "\nsealring-sockets = " + (*to)->address() + "\nsealring-uid = " + std::to_string(::getuid()) +
                              "\n";
  auto loaded = load_key("sealring", section, "sealring:" + own_agent::name_of(k));
  if (!loaded) return loaded;
  loaded->public_key = (*key)->public_key;
  loaded->agent = *std::move(to);
  return loaded;
}

}  // namespace sealring::bench
