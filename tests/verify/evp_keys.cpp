// software_key over EVP_PKEYs of three origins: writes FOLDER/ALGORITHM.jws, .jwk and .csr, for strangers to judge.
//
//   test_evp_keys store URI FOLDER                         by OSSL_STORE: file:..., or pkcs11:... of a provider
//   test_evp_keys libp11 MODULE LABEL PIN-FILE FOLDER      libp11's PKCS11_get_private_key
#include "sealring/jose/jws.hpp"
#include "sealring/pem.hpp"
#include "sealring/software_key.hpp"
#include "sealring/x509/csr.hpp"

#include <libp11.h>
#include <openssl/store.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace sealring::test {
namespace {

namespace fs = std::filesystem;
using detail::evp_pkey;

evp_pkey from_store(const char* uri) {
  OSSL_STORE_CTX* store = OSSL_STORE_open(uri, nullptr, nullptr, nullptr, nullptr);
  evp_pkey key;
  while (store != nullptr && !key && OSSL_STORE_eof(store) == 0) {
    OSSL_STORE_INFO* info = OSSL_STORE_load(store);
    if (info == nullptr) continue;
    if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY) key.reset(OSSL_STORE_INFO_get1_PKEY(info));
    OSSL_STORE_INFO_free(info);
  }
  OSSL_STORE_close(store);
  return key;
}

template <algorithm A>
bool write(EVP_PKEY* evp, const fs::path& folder) {
  const auto key = software_key<A>::from(evp);
  if (!key) return false;
  const fs::path stem = folder / jose::name(A::id);
  const auto put = [&stem](const char* extension, const std::string& text) {
    std::ofstream{fs::path{stem} += extension} << text;
  };
  const std::vector names{identifier{identifier::type::dns, "example.com"}};
  put(".jws", jose::sign_flattened(jose::with_jwk{*key}, {.nonce = "n", .url = "https://ca.example/"}, "{}").value());
  put(".jwk", jose::to_jwk(key->public_key()));
  put(".csr", to_pem("CERTIFICATE REQUEST", x509::make_csr(*key, names).value()));
  return true;
}

/// In each algorithm that the key is for.
int write_all(EVP_PKEY* evp, const fs::path& folder) {
  if (evp == nullptr) return std::fprintf(stderr, "there is no such key\n"), 1;
  const int written = write<es256>(evp, folder) + write<rs256>(evp, folder) + write<ps256>(evp, folder);
  return written > 0 ? 0 : 1;
}

int with_libp11(const char* module, const std::string& label, const char* pin_file, const fs::path& folder) {
  PKCS11_CTX* const ctx = PKCS11_CTX_new();
  PKCS11_SLOT* slots = nullptr;
  unsigned count = 0;
  std::string pin;
  std::getline(std::ifstream{pin_file}, pin);
  int failed = 1;
  if (PKCS11_CTX_load(ctx, module) == 0 && PKCS11_enumerate_slots(ctx, &slots, &count) == 0) {
    PKCS11_SLOT* const slot = PKCS11_find_token(ctx, slots, count);
    PKCS11_KEY* keys = nullptr;
    unsigned number = 0;
    if (slot != nullptr && PKCS11_login(slot, 0, pin.c_str()) == 0 && PKCS11_enumerate_keys(slot->token, &keys, &number) == 0)
      for (unsigned i = 0; i < number; ++i)
        if (keys[i].label == label) failed = write_all(evp_pkey{PKCS11_get_private_key(&keys[i])}.get(), folder);
    PKCS11_release_all_slots(ctx, slots, count);
  }
  PKCS11_CTX_unload(ctx);
  PKCS11_CTX_free(ctx);
  return failed;
}

int run(const std::vector<const char*>& arguments) {
  const std::string_view how = arguments.at(1);
  if (how == "libp11") return with_libp11(arguments.at(2), arguments.at(3), arguments.at(4), arguments.at(5));
  return write_all(from_store(arguments.at(2)).get(), arguments.at(3));
}

}  // namespace
}  // namespace sealring::test

int main(int argc, char** argv) {
  try {
    return sealring::test::run({argv, argv + argc});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "test_evp_keys: %s\n", e.what());
    return 1;
  }
}
