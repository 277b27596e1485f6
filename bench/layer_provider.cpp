// OpenSSL's own interface, as a TLS server uses it: EVP_DigestSign with the key of a provider, pkcs11-provider's or ours.
#include "agent/file.hpp"
#include "agent/text.hpp"
#include "bench/child.hpp"
#include "bench/own_agent.hpp"
#include "hsm/with_algorithm.hpp"
#include "sealring/ecdsa_der.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/store.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace sealring::bench {
namespace {

/// A library context is never freed: pkcs11-provider would finalise the module that we all share.
struct loaded_key {
  OSSL_LIB_CTX* context;
  EVP_PKEY* key;
};

const char* hash_of(algorithm_id id) {
  switch (id) {
    case algorithm_id::es384: return "SHA384";
    case algorithm_id::es512: return "SHA512";
    case algorithm_id::eddsa: return nullptr;
    default: return "SHA256";
  }
}

/// r||s, as all other layers give it.
sealring::result<bytes> in_own_encoding(algorithm_id id, bytes signature) {
  return hsm::with_algorithm(id, [&signature]<class A>(A) -> sealring::result<bytes> {
    if constexpr (requires { typename A::curve; }) {
      const auto rs = ecdsa_from_der<std::tuple_size_v<typename A::signature>>(signature);
      if (!rs) return rs.error();
      return bytes(rs->begin(), rs->end());
    } else {
      return std::move(signature);
    }
  });
}

sealring::result<bytes> digest_sign(const loaded_key& with, algorithm_id id, bytes_view message) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> ctx{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  EVP_PKEY_CTX* how = nullptr;
  bytes signature(1024);
  std::size_t size = signature.size();
  const bool good = EVP_DigestSignInit_ex(ctx.get(), &how, hash_of(id), with.context, nullptr, with.key, nullptr) > 0 &&
                    (id != algorithm_id::ps256 || (EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING) > 0 &&
                                                   EVP_PKEY_CTX_set_rsa_pss_saltlen(how, RSA_PSS_SALTLEN_DIGEST) > 0)) &&
                    EVP_DigestSign(ctx.get(), signature.data(), &size, message.data(), message.size()) > 0;
  if (!good) {
    ERR_clear_error();
    return sealring::fail(sealring::errc::crypto_library_failed);
  }
  signature.resize(size);
  return in_own_encoding(id, std::move(signature));
}

class provider_layer final : public layer {
public:
  provider_layer(loaded_key key, any_public_key public_key, algorithm_id algorithm, std::shared_ptr<own_agent> to)
      : key_{key}, public_key_{std::move(public_key)}, algorithm_{algorithm}, agent_{std::move(to)} {}
  provider_layer(const provider_layer&) = delete;
  provider_layer& operator=(const provider_layer&) = delete;
  ~provider_layer() override { EVP_PKEY_free(key_.key); }

  std::string unfit(const load_shape& s) const override {
    if (s.combined) return "a provider chooses its mechanism itself";
    if (s.sessions != 0) return "a provider has the sessions that it wants";
    return {};
  }
  void prepare(const load_shape&) override {
    if (agent_) agent_->look_for_keeper();
  }
  sealring::result<std::unique_ptr<worker>> make_worker(unsigned) override {
    return std::unique_ptr<worker>{
        std::make_unique<blocking_worker>([this](bytes_view message) { return digest_sign(key_, algorithm_, message); })};
  }
  std::vector<pid_t> servers() const override { return agent_ ? std::vector{agent_->keeper()} : std::vector<pid_t>{}; }
  any_public_key public_key() const override { return public_key_; }

private:
  loaded_key key_;
  any_public_key public_key_;
  algorithm_id algorithm_;
  std::shared_ptr<own_agent> agent_;
};

/// The key of this name, in a context of its own with the default provider and the one that `section` describes.
result<loaded_key> load_key(std::string_view provider, const std::string& section, const std::string& name) {
  auto folder = temporary_folder::make();
  if (!folder) return folder.error();
  const auto file = (*folder)->path() / "openssl.cnf";
  const std::string text = "openssl_conf = init\n[init]\nproviders = all\n[all]\ndefault = base\n" + std::string{provider} +
                           " = more\n[base]\nactivate = 1\n[more]\nactivate = 1\n" + section;
  if (auto written = agent::write_file(file, text, 0600); !written) return written.error();
  loaded_key loaded{OSSL_LIB_CTX_new(), nullptr};
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
  while (store != nullptr && loaded.key == nullptr && OSSL_STORE_eof(store) != 1) {
    OSSL_STORE_INFO* const info = OSSL_STORE_load(store);
    if (info == nullptr) break;
    if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY) loaded.key = OSSL_STORE_INFO_get1_PKEY(info);
    OSSL_STORE_INFO_free(info);
  }
  OSSL_STORE_close(store);
  if (loaded.key == nullptr) return why("the provider " + std::string{provider} + " does not load the key");
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

result<std::unique_ptr<layer>> make_pkcs11_provider(bed& b, const kind& k) {
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
  if (!loaded) return loaded.error();
  return std::unique_ptr<layer>{std::make_unique<provider_layer>(*loaded, key->public_key(), k.algorithm, nullptr)};
}

result<std::unique_ptr<layer>> make_sealring_provider(bed& b, const kind& k) {
  if (b.provider.empty()) return fail(condition::unsupported, "sealring.so is not installed beside this program");
  auto to = agent_of(b, k);
  if (!to) return to.error();
  auto key = (*to)->key(k);
  if (!key) return key.error();
  const std::string section = "identity = sealring\nmodule = " + agent::openssl_value(b.provider.string()) +
                              "\nsealring-sockets = " + (*to)->address() + "\nsealring-uid = " + std::to_string(::getuid()) +
                              "\n";
  auto loaded = load_key("sealring", section, "sealring:" + own_agent::name_of(k));
  if (!loaded) return loaded.error();
  return std::unique_ptr<layer>{std::make_unique<provider_layer>(*loaded, (*key)->public_key, k.algorithm, *std::move(to))};
}

}  // namespace sealring::bench
