// Puts many P-256 key pairs into a token, for measurements: with CKA_ID 00..0, 00..1 and so on (16 octets), and labels beside
// them. usage: many_keys MODULE TOKEN PIN-FILE NUMBER
//
// Straight to C_GenerateKeyPair: hsm::token looks whether a name is free, which SoftHSM reads the whole token for.

#include "hsm/attributes.hpp"
#include "hsm/token.hpp"

#include <charconv>
#include <cstdio>
#include <filesystem>

namespace {

using namespace sealring;

int fail(const std::string& why) {
  std::fprintf(stderr, "many_keys: %s\n", why.c_str());
  return 1;
}

hsm::result<void> make(hsm::token_link& token, std::uint64_t number) {
  auto session = token.acquire();
  if (!session) return hsm::failure{session.error(), "no session"};
  for (std::uint64_t i = 0; i != number; ++i) {
    bytes id(16);
    for (int octet = 0; octet != 8; ++octet)
      id[15 - static_cast<std::size_t>(octet)] = static_cast<std::uint8_t>(i >> 8 * octet);
    char label[40];
    std::snprintf(label, sizeof label, "host%llu.test-%08llx", static_cast<unsigned long long>(i),
                  static_cast<unsigned long long>(i));
    const bytes p256{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    hsm::attributes pub, priv;
    pub.set(CKA_TOKEN, true)
        .set(CKA_PRIVATE, false)
        .set(CKA_VERIFY, true)
        .set(CKA_LABEL, std::string_view{label})
        .set(CKA_ID, id);
    pub.set(CKA_EC_PARAMS, p256);
    priv.set(CKA_TOKEN, true).set(CKA_PRIVATE, true).set(CKA_SENSITIVE, true).set(CKA_EXTRACTABLE, false);
    priv.set(CKA_SIGN, true).set(CKA_LABEL, std::string_view{label}).set(CKA_ID, id);
    CK_MECHANISM how{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
    CK_OBJECT_HANDLE left{}, right{};
    const CK_RV rv = token.module().call<&CK_FUNCTION_LIST::C_GenerateKeyPair>(session->handle(), &how, pub.data(), pub.size(),
                                                                               priv.data(), priv.size(), &left, &right);
    if (rv != CKR_OK) return hsm::failure{hsm::errc{rv}, "C_GenerateKeyPair"};
  }
  return {};
}

}  // namespace

int main(int count, char** words) {
  std::uint64_t number = 0;
  const std::string_view last = count == 5 ? words[4] : "";
  if (count != 5 || std::from_chars(last.begin(), last.end(), number).ec != std::errc{})
    return fail("usage: many_keys MODULE TOKEN PIN-FILE NUMBER");
  const auto module = hsm::module::load(words[1]);
  if (!module) return fail(module.error().message());
  const auto token = hsm::token::find(*module, words[2]);
  if (!token) return fail(token.error().message());
  auto pin = hsm::pin::from_file(words[3]);
  if (!pin) return fail(pin.error().message());
  hsm::token_link link{*module, token->info(), {}};
  if (auto in = link.login(*std::move(pin), std::filesystem::path{words[3]}.parent_path()); !in)
    return fail(in.error().message());
  if (auto made = make(link, number); !made) return fail(made.error().message());
  return 0;
}
