#include "fixture.hpp"

#include <thread>

using namespace sealring;
using namespace sealring::test;

namespace {

struct with_key : logged_in {
  hsm::key key;
  hsm::signer<es256> signer;
  explicit with_key(const std::string& label, hsm::copy_use copies, std::size_t sessions = 8)
      : logged_in{label, {.most_sessions = sessions, .copies = copies}},
        key{token.generate(hsm::key_type::p256, "k").value()},
        signer{key.bind<es256>().value()} {}

  bool signs() const {
    const auto signature = sign(signer, as_bytes("text"));
    return signature && verify<es256>(signer.public_key(), as_bytes("text"), *signature);
  }
  int sign_times(int n) const {
    int good = 0;
    for (int i = 0; i != n; ++i) good += signs() ? 1 : 0;
    return good;
  }
};

/// As another program of this process would see them.
std::size_t private_keys(const hsm::token& token, bool in_token) {
  auto& p11 = pkcs11();
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  REQUIRE(p11.C_OpenSession(token.info().slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session) == CKR_OK);
  CK_OBJECT_CLASS kind = CKO_PRIVATE_KEY;
  CK_BBOOL where = in_token ? CK_TRUE : CK_FALSE;
  std::array wanted{CK_ATTRIBUTE{CKA_CLASS, &kind, sizeof kind}, CK_ATTRIBUTE{CKA_TOKEN, &where, sizeof where}};
  std::array<CK_OBJECT_HANDLE, 16> found{};
  CK_ULONG count = 0;
  REQUIRE(p11.C_FindObjectsInit(session, wanted.data(), wanted.size()) == CKR_OK);
  REQUIRE(p11.C_FindObjects(session, found.data(), found.size(), &count) == CKR_OK);
  REQUIRE(p11.C_FindObjectsFinal(session) == CKR_OK);
  REQUIRE(p11.C_CloseSession(session) == CKR_OK);
  return count;
}

}  // namespace

TEST_CASE("by default no key is copied", "[session_copy]") {
  const logged_in in{"no copies"};
  const since copied{"C_CopyObject"};
  CHECK(sign(in.token.generate(hsm::key_type::p256, "k").value().bind<es256>().value(), as_bytes("text")));
  CHECK(copied() == 0);
}

TEST_CASE("always: one copy serves all signatures and sessions, and is no key in any list", "[session_copy]") {
  const since copied{"C_CopyObject"};
  const since on_key{"C_SignInit on a key"};
  const with_key in{"always", hsm::copy_use::always};
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t != 4; ++t)
    threads.emplace_back([&] {
      for (int n = 0; n != 10; ++n) good += sign(in.signer, as_bytes("text")) ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  CHECK(good == 40);
  CHECK(copied() == 1);
  CHECK(on_key() == 0);
  CHECK(private_keys(in.token, false) == 1);
  CHECK(in.token.keys().value().size() == 1);
  CHECK(in.token.find("k"));
  CHECK(in.token.find_id(in.key.id()));
}

TEST_CASE("auto: what is faster stays", "[session_copy]") {
  const auto ends_with_copy = [](const char* shim, const char* label) {
    const shim_setting copy{"SHIM_COPY", shim};
    const with_key in{label, hsm::copy_use::automatic};
    CHECK(in.sign_times(20) == 20);
    const since on_copy{"C_SignInit on a copy"};
    CHECK(in.sign_times(10) == 10);
    CHECK((on_copy() == 0 || on_copy() == 10));
    return on_copy() == 10;
  };
  CHECK(ends_with_copy("fast", "fast copy"));
  CHECK(!ends_with_copy("slow", "slow copy"));
}

TEST_CASE("a token that refuses copies is asked once, and signs all the same", "[session_copy]") {
  for (const auto& [use, code] : {std::pair{hsm::copy_use::automatic, "0x54"}, {hsm::copy_use::always, "0x1b"}}) {
    const shim_setting fail{"SHIM_FAIL", std::string{"C_CopyObject:0:"} + code};
    const since copied{"C_CopyObject"};
    const with_key in{std::string{"refused "} + code, use};
    const since closed{"C_CloseSession"};
    CHECK(in.sign_times(6) == 6);
    CHECK(copied() == 1);
    CHECK(closed() == 0);
  }
}

TEST_CASE("a copy that is less well kept than the key is destroyed and not used", "[session_copy]") {
  for (const std::string how : {"extractable", "token"}) {
    const shim_setting copy{"SHIM_COPY", how};
    const since copied{"C_CopyObject"};
    const since on_copy{"C_SignInit on a copy"};
    const with_key in{"kept " + how, hsm::copy_use::always};
    CHECK(in.sign_times(5) == 5);
    CHECK(copied() == 1);
    CHECK(on_copy() == 0);
    CHECK(private_keys(in.token, false) == 0);
    CHECK(private_keys(in.token, true) == 1);
  }
}

TEST_CASE("a copy whose signature is wrong costs no signature", "[session_copy]") {
  const with_key in{"wrong", hsm::copy_use::always};
  REQUIRE(in.signs());
  const auto found = in.token.find("k").value();
  const auto signer = found.bind<es256>().value();
  const shim_setting copy{"SHIM_COPY", "bad"};
  const since copied{"C_CopyObject"};
  for (int i = 0; i != 5; ++i) {
    const auto signature = sign(signer, as_bytes("text"));
    REQUIRE(signature);
    CHECK(verify<es256>(signer.public_key(), as_bytes("text"), *signature));
  }
  CHECK(copied() == 1);
}

TEST_CASE("a copy that fails later costs no signature, and the next recovery brings another", "[session_copy]") {
  const with_key in{"later", hsm::copy_use::always};
  REQUIRE(in.signs());
  const since copied{"C_CopyObject"};
  {
    const since on_key{"C_SignInit on a key"};
    const shim_setting fail{"SHIM_FAIL", "C_SignInit:1:0x60"};
    CHECK(in.signs());
    CHECK(in.signs());
    CHECK(on_key() == 2);
    CHECK(copied() == 0);
  }
  // Everything that the token has of us is lost: sessions, login, copy.
  REQUIRE(pkcs11().C_CloseAllSessions(in.token.info().slot) == CKR_OK);
  CHECK(in.sign_times(3) == 3);
  CHECK(copied() == 1);
  const since on_copy{"C_SignInit on a copy"};
  CHECK(in.sign_times(3) == 3);
  CHECK(on_copy() == 3);
  CHECK(private_keys(in.token, false) == 1);
}

TEST_CASE("copies that never work are given up", "[session_copy]") {
  const with_key in{"never works", hsm::copy_use::always};
  const auto found = in.token.find("k").value();  // has no copy yet
  const auto signer = found.bind<es256>().value();
  const since copied{"C_CopyObject"};
  for (int round = 0; round != 4; ++round) {
    {
      const shim_setting fail{"SHIM_FAIL",
                              "C_SignInit:1:0x60"};  // the copy's, if there is one: else the key's, mended by recovery
      CHECK(sign(signer, as_bytes("text")));
    }
    REQUIRE(pkcs11().C_CloseAllSessions(in.token.info().slot) == CKR_OK);
    CHECK(sign(in.token.find("k").value().bind<es256>().value(), as_bytes("text")));  // recovers with a handle of its own
  }
  CHECK(copied() <= 2 + 4);  // two of the signer's own, and one of each of the others
}

TEST_CASE("a key that is destroyed has no copy left, and others have theirs again", "[session_copy]") {
  const with_key in{"destroyed copy", hsm::copy_use::always};
  const auto other = in.token.generate(hsm::key_type::p256, "other").value().bind<es256>().value();
  REQUIRE(in.signs());
  REQUIRE(sign(other, as_bytes("text")));
  REQUIRE(private_keys(in.token, false) == 2);
  REQUIRE(in.token.destroy_id(in.key.id()));
  CHECK(private_keys(in.token, false) == 0);
  const auto gone = sign(in.signer, as_bytes("text"));
  CHECK((!gone && gone.error() == make_error_code(hsm::trouble::key_not_found)));
  CHECK(sign(other, as_bytes("text")));
  CHECK(sign(other, as_bytes("text")));
  CHECK(private_keys(in.token, false) == 1);
}

TEST_CASE("where no session can be opened, for a copy or without, there is an error, and later a signature", "[session_copy]") {
  for (const auto copies : {hsm::copy_use::always, hsm::copy_use::automatic}) {
    const with_key in{copies == hsm::copy_use::always ? "no session, always" : "no session, auto", copies};
    REQUIRE(in.signs());
    REQUIRE(pkcs11().C_CloseAllSessions(in.token.info().slot) == CKR_OK);
    for (const char* code : {"0x30", "0x31", "0xe0"}) {
      const shim_setting fail{"SHIM_FAIL", std::string{"C_OpenSession:0:"} + code};
      for (int i = 0; i != 4; ++i) CHECK_FALSE(sign(in.signer, as_bytes("text")));
    }
    CHECK(in.signs());
  }
}

TEST_CASE("with a single session no copy is made", "[session_copy]") {
  const with_key in{"one session", hsm::copy_use::always, 1};
  const since copied{"C_CopyObject"};
  CHECK(in.sign_times(3) == 3);
  CHECK(copied() == 0);
}

TEST_CASE("copies come and go under many threads", "[session_copy]") {
  const with_key in{"copy storm", hsm::copy_use::always};
  std::atomic<bool> done = false;
  std::atomic<int> bad = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t != 4; ++t)
    threads.emplace_back([&] {
      while (!done) bad += in.signs() ? 0 : 1;
    });
  for (int i = 0; i != 5; ++i) {
    const auto passing = in.token.generate(hsm::key_type::p256, "passing").value();
    CHECK(sign(passing.bind<es256>().value(), as_bytes("text")));
    for (int n = 0; n != 10; ++n) CHECK(in.token.find("k"));  // one key, however many copies are in the making
    CHECK(in.token.destroy(passing));                         // takes all copies along
  }
  done = true;
  for (auto& thread : threads) thread.join();
  CHECK(bad == 0);
}
