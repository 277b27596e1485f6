#include "fixture.hpp"

using namespace sealring;
using namespace sealring::test;

namespace {

/// Every object in the token, as PKCS#11 itself counts them.
CK_ULONG objects(const hsm::token& token) {
  auto& p11 = pkcs11();
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  REQUIRE(p11.C_OpenSession(token.info().slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session) == CKR_OK);
  std::array<CK_OBJECT_HANDLE, 100> found{};
  CK_ULONG count = 0;
  REQUIRE(p11.C_FindObjectsInit(session, nullptr, 0) == CKR_OK);
  REQUIRE(p11.C_FindObjects(session, found.data(), found.size(), &count) == CKR_OK);
  REQUIRE(p11.C_FindObjectsFinal(session) == CKR_OK);
  REQUIRE(p11.C_CloseSession(session) == CKR_OK);
  return count;
}

}  // namespace

TEST_CASE("each type of key is born in the token and cannot leave it", "[generate]") {
  logged_in in{"births"};
  for (const auto type : hsm::all_key_types) {
    const std::string name{hsm::name_of(type)};
    const auto key = in.token.generate(type, name);
    INFO(message_of(key));
    REQUIRE(key);
    CHECK(key->kind() == name);
    CHECK(key->label() == name);
    CHECK(key->id().size() == 20);
    CHECK(key->custody().never_left());
    CHECK(key->custody().text() == "sensitive, always sensitive, never extractable, local");
    CHECK(in.token.find(name).value().public_key() == key->public_key());
  }
}

TEST_CASE("a label is given once", "[generate]") {
  logged_in in{"labels"};
  REQUIRE(in.token.generate(hsm::key_type::p256, "k"));
  const auto again = in.token.generate(hsm::key_type::p256, "k");
  CHECK((!again && again.error() == hsm::trouble::key_exists));
  CHECK(objects(in.token) == 2);
}

TEST_CASE("a token that cannot make a key says so", "[generate]") {
  logged_in in{"cannot"};
  const shim_setting without{"SHIM_NO_MECHANISM", std::to_string(CKM_EC_KEY_PAIR_GEN)};
  const auto key = in.token.generate(hsm::key_type::p256, "k");
  CHECK((!key && key.error() == condition::unsupported));
}

TEST_CASE("a new key whose signature is wrong, or that cannot sign, is destroyed", "[generate]") {
  logged_in in{"stillborn"};
  {
    const shim_setting bad{"SHIM_BAD_SIGNATURE", "1"};
    CHECK(in.token.generate(hsm::key_type::p256, "k").error() == hsm::trouble::key_mismatch);
  }
  const shim_setting without{"SHIM_NO_MECHANISM", std::to_string(CKM_ECDSA)};
  CHECK(in.token.generate(hsm::key_type::p256, "k").error() == hsm::trouble::unsupported);
  CHECK(objects(in.token) == 0);
}

TEST_CASE("whichever call fails, no key is left behind", "[generate]") {
  logged_in in{"nth call"};
  for (const auto* function : {"C_OpenSession", "C_CloseSession", "C_GetMechanismInfo", "C_FindObjectsInit", "C_FindObjects",
                               "C_FindObjectsFinal", "C_GenerateKeyPair", "C_GetAttributeValue", "C_SignInit", "C_Sign"}) {
    for (const auto* code : {"0x6", "0xb3", "0x101"}) {
      bool reached = true;
      for (int nth = 1; reached && nth < 60; ++nth) {
        const auto before = calls(function);
        const auto key = [&] {
          const shim_setting fail{"SHIM_FAIL", std::string{function} + ':' + std::to_string(nth) + ':' + code};
          return in.token.generate(hsm::key_type::p256, "k");
        }();
        reached = calls(function) - before >= static_cast<unsigned long>(nth);
        INFO(function << " no. " << nth << " fails with " << code << ": " << message_of(key));
        CHECK(objects(in.token) == (key ? 2 : 0));
        if (!reached) REQUIRE(key);
        if (key) REQUIRE(in.token.destroy_id(key->id()).value() == 2);
      }
    }
  }
}

TEST_CASE("what an interrupted generation left is destroyed by its id", "[generate]") {
  logged_in in{"interrupted"};
  const auto id = hsm::token::random_id();
  REQUIRE(in.token.generate(hsm::key_type::p256, "k", id));
  CHECK(in.token.destroy_id(id).value() == 2);
  CHECK(in.token.destroy_id(id).value() == 0);
  CHECK(!in.token.destroy_id({}));
}
