#include "fixture.hpp"

#include <thread>

using namespace sealring;
using namespace sealring::test;

static_assert(sealring::signer<hsm::signer<es256>> && sealring::signer<hsm::signer<es384>> &&
              sealring::signer<hsm::signer<es512>> && sealring::signer<hsm::signer<rs256>> &&
              sealring::signer<hsm::signer<ps256>> && sealring::signer<hsm::signer<eddsa>>);

namespace {

/// A key as others make them: with whatever attributes, by PKCS#11 itself.
void make_foreign_key(const hsm::token& token, const std::string& label, bool extractable, bool always_authenticate = false,
                      bool may_sign = true) {
  auto& p11 = pkcs11();
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  REQUIRE(p11.C_OpenSession(token.info().slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session) == CKR_OK);
  CK_BBOOL yes = CK_TRUE;
  CK_BBOOL extract = extractable ? CK_TRUE : CK_FALSE;
  CK_BBOOL always = always_authenticate ? CK_TRUE : CK_FALSE;
  CK_BBOOL signs = may_sign ? CK_TRUE : CK_FALSE;
  bytes curve{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
  bytes id = hsm::token::random_id();
  auto name = label;
  std::array pub{CK_ATTRIBUTE{CKA_TOKEN, &yes, 1}, CK_ATTRIBUTE{CKA_EC_PARAMS, curve.data(), curve.size()},
                 CK_ATTRIBUTE{CKA_ID, id.data(), id.size()}};
  std::array priv{CK_ATTRIBUTE{CKA_TOKEN, &yes, 1},
                  CK_ATTRIBUTE{CKA_PRIVATE, &yes, 1},
                  CK_ATTRIBUTE{CKA_SENSITIVE, &yes, 1},
                  CK_ATTRIBUTE{CKA_SIGN, &signs, 1},
                  CK_ATTRIBUTE{CKA_EXTRACTABLE, &extract, 1},
                  CK_ATTRIBUTE{CKA_ALWAYS_AUTHENTICATE, &always, 1},
                  CK_ATTRIBUTE{CKA_LABEL, name.data(), name.size()},
                  CK_ATTRIBUTE{CKA_ID, id.data(), id.size()}};
  CK_MECHANISM how{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
  CK_OBJECT_HANDLE a = CK_INVALID_HANDLE, b = CK_INVALID_HANDLE;
  REQUIRE(p11.C_GenerateKeyPair(session, &how, pub.data(), pub.size(), priv.data(), priv.size(), &a, &b) == CKR_OK);
  REQUIRE(p11.C_CloseSession(session) == CKR_OK);
}

}  // namespace

TEST_CASE("key types have names", "[key]") {
  for (const auto type : hsm::all_key_types) CHECK(hsm::key_type_from(hsm::name_of(type)) == type);
  CHECK(!hsm::key_type_from("rsa1024"));
}

TEST_CASE("a key signs with each algorithm that fits it, and strangers verify", "[key]") {
  logged_in in{"algorithms"};
  const auto verified_with = [&]<class A>(A, const hsm::key& k) {
    const auto bound = k.bind<A>();
    INFO(message_of(bound));
    REQUIRE(bound);
    const auto signature = sign(*bound, as_bytes("text"));
    REQUIRE(signature);
    CHECK(verify<A>(bound->public_key(), as_bytes("text"), *signature));
  };
  const auto ec = in.token.generate(hsm::key_type::p256, "p256").value();
  CHECK(ec.algorithms() == std::vector{algorithm_id::es256});
  verified_with(es256{}, ec);
  CHECK(ec.bind<es384>().error().code == make_error_code(errc::wrong_key_type));
  const auto ec384 = in.token.generate(hsm::key_type::p384, "p384").value();
  CHECK(ec384.algorithms() == std::vector{algorithm_id::es384});
  verified_with(es384{}, ec384);
  const auto rsa = in.token.generate(hsm::key_type::rsa2048, "rsa2048").value();
  CHECK(rsa.algorithms() == std::vector{algorithm_id::rs256, algorithm_id::ps256});
  verified_with(rs256{}, rsa);
  verified_with(ps256{}, rsa);
  const auto ed = in.token.generate(hsm::key_type::ed25519, "ed25519");
  INFO(message_of(ed));
  REQUIRE(ed);
  CHECK(ed->algorithms() == std::vector{algorithm_id::eddsa});
  verified_with(eddsa{}, *ed);
}

TEST_CASE("choose takes the first that key and token can do", "[key]") {
  logged_in in{"choose"};
  const auto rsa = in.token.generate(hsm::key_type::rsa2048, "k").value();
  const auto chosen = [&](std::initializer_list<algorithm_id> wanted) { return rsa.choose(std::vector<algorithm_id>{wanted}); };
  CHECK(id_of(chosen({algorithm_id::es256, algorithm_id::ps256, algorithm_id::rs256}).value()) == algorithm_id::ps256);
  CHECK(id_of(rsa.choose().value()) == algorithm_id::rs256);
  CHECK(chosen({algorithm_id::eddsa}).error().code == make_error_code(errc::wrong_key_type));
  CHECK(!chosen({}));
  const shim_setting without{"SHIM_NO_MECHANISM", std::to_string(CKM_RSA_PKCS_PSS)};
  const auto pss = chosen({algorithm_id::es256, algorithm_id::ps256});
  CHECK((!pss && pss.error() == hsm::trouble::unsupported));
  CHECK(message_of(pss).find("CKM_RSA_PKCS_PSS") != std::string::npos);
  CHECK(rsa.algorithms() == std::vector{algorithm_id::rs256});
}

TEST_CASE("a key that can leave the token is not used", "[key]") {
  logged_in in{"foreign"};
  make_foreign_key(in.token, "extractable", true);
  make_foreign_key(in.token, "always", false, true);
  make_foreign_key(in.token, "silent", false, false, false);
  make_foreign_key(in.token, "good", false);
  const auto why = [&](const std::string& label) { return in.token.find(label).value().choose().error(); };
  CHECK(why("extractable") == hsm::trouble::key_extractable);
  CHECK(why("always") == hsm::trouble::key_not_usable);
  CHECK(why("silent") == hsm::trouble::key_not_usable);
  CHECK(in.token.find("extractable").value().custody().text() == "sensitive, always sensitive, EXTRACTABLE, local");
  CHECK(in.token.find("extractable").value().algorithms().empty());
  CHECK(in.token.find("good").value().choose());
}

TEST_CASE("of two keys of one label none is chosen", "[key]") {
  logged_in in{"twins"};
  make_foreign_key(in.token, "twin", false);
  make_foreign_key(in.token, "twin", false);
  const auto found = in.token.find("twin");
  REQUIRE(!found);
  CHECK(found.error() == hsm::trouble::key_ambiguous);
  CHECK(message_of(found).find("id=%") != std::string::npos);
  const auto keys = in.token.keys().value();
  REQUIRE(keys.size() == 2);
  CHECK(in.token.find(hsm::uri::parse(keys[1].uri()).value()).value().public_key() == keys[1].public_key());
}

TEST_CASE("DER from the module becomes r||s, and a bad first signature is held back", "[key]") {
  logged_in in{"odd answers"};
  const auto key = in.token.generate(hsm::key_type::p256, "k").value();
  {
    const shim_setting der{"SHIM_DER", "1"};
    const auto signature = sign(key.bind<es256>().value(), as_bytes("text"));
    REQUIRE(signature);
    CHECK(verify<es256>(key.bind<es256>().value().public_key(), as_bytes("text"), *signature));
  }
  const auto found = in.token.find("k").value();
  const shim_setting bad{"SHIM_BAD_SIGNATURE", "1"};
  const auto signature = sign(found.bind<es256>().value(), as_bytes("text"));
  CHECK((!signature && signature.error() == make_error_code(hsm::trouble::key_mismatch)));
}

TEST_CASE("many threads sign at once", "[key]") {
  logged_in in{"threads", {.most_sessions = 3}};
  const auto key = in.token.generate(hsm::key_type::p256, "k").value();
  const auto signer = key.bind<es256>().value();
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t != 8; ++t)
    threads.emplace_back([&, t] {
      for (int n = 0; n != 25; ++n) {
        const auto text = std::to_string(t * 1000 + n);
        const auto signature = sign(signer, as_bytes(text));
        if (signature && verify<es256>(signer.public_key(), as_bytes(text), *signature)) ++good;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(good == 200);
}

TEST_CASE("many keys are looked up in one pass, and what is wrong with one costs it alone", "[key]") {
  const logged_in in{"many"};
  std::vector<bytes> ids;
  for (int i = 0; i != 6; ++i) ids.push_back(in.token.generate(hsm::key_type::p256, "k" + std::to_string(i)).value().id());
  ids.insert(ids.begin() + 2, bytes{1, 2, 3});
  ids.push_back(ids.front());
  const auto before = calls("C_FindObjectsInit");
  const auto found = in.token.find_ids(ids).value();
  CHECK(calls("C_FindObjectsInit") - before == 2);
  REQUIRE(found.size() == ids.size());
  for (std::size_t i = 0; i != ids.size(); ++i) {
    if (i == 2) {
      CHECK((!found[i] && found[i].error() == hsm::trouble::key_not_found));
      continue;
    }
    REQUIRE(found[i]);
    CHECK(found[i]->id() == ids[i]);
    CHECK(found[i]->public_key() == in.token.find_id(ids[i]).value().public_key());
    CHECK(sign(found[i]->bind<es256>().value(), as_bytes("text")));
  }

  // Two calls that fail are an object that cannot be read: all at once, and one by one. First the indices are made, of six
  // private keys and six public ones; then each key takes two calls.
  const auto lost_by = [&](const char* calls) {
    const shim_setting fail{"SHIM_FAIL", calls};
    const auto all = in.token.find_ids(ids).value();
    CHECK(std::ranges::count_if(all, [](const auto& one) { return one.has_value(); }) == 6);
    return all[3].error();
  };
  CHECK(lost_by("C_GetAttributeValue:3:0x6,C_GetAttributeValue:4:0x6") ==
        hsm::trouble::key_not_found);  // who knows whose it is
  CHECK(lost_by("C_GetAttributeValue:17:0x6,C_GetAttributeValue:18:0x6") == hsm::errc{0x6});
  const shim_setting gone{"SHIM_FAIL", "C_GetAttributeValue:0:0x32,C_GetSessionInfo:0:0x32"};
  CHECK(!in.token.find_ids(ids));
}

TEST_CASE("two keys of one id are none, among many, too", "[key]") {
  const logged_in in{"twins among many"};
  std::vector<bytes> ids;
  for (int i = 0; i != 5; ++i) ids.push_back(in.token.generate(hsm::key_type::p256, "k" + std::to_string(i)).value().id());
  auto& p11 = pkcs11();
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  REQUIRE(p11.C_OpenSession(in.token.info().slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session) == CKR_OK);
  CK_OBJECT_CLASS kind = CKO_PRIVATE_KEY;
  CK_ATTRIBUTE wanted[]{{CKA_CLASS, &kind, sizeof kind}, {CKA_ID, ids[1].data(), ids[1].size()}};
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  CK_ULONG count = 0;
  REQUIRE(p11.C_FindObjectsInit(session, wanted, 2) == CKR_OK);
  REQUIRE(p11.C_FindObjects(session, &object, 1, &count) == CKR_OK);
  REQUIRE(p11.C_FindObjectsFinal(session) == CKR_OK);
  REQUIRE(count == 1);
  CK_ATTRIBUTE other{CKA_ID, ids[0].data(), ids[0].size()};
  REQUIRE(p11.C_SetAttributeValue(session, object, &other, 1) == CKR_OK);
  REQUIRE(p11.C_CloseSession(session) == CKR_OK);
  const auto found = in.token.find_ids(ids).value();
  CHECK((!found[0] && found[0].error() == hsm::trouble::key_ambiguous));
  CHECK((!found[1] && found[1].error() == hsm::trouble::key_not_found));
  CHECK(found[2]);
}
