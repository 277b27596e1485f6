#include "fixture.hpp"

#include <thread>

using namespace sealring;
using namespace sealring::test;

namespace {

struct with_key : logged_in {
  hsm::key key;
  hsm::signer<es256> signer;
  explicit with_key(const std::string& label)
      : logged_in{label}, key{token.generate(hsm::key_type::p256, "k").value()}, signer{key.bind<es256>().value()} {}

  bool signs() const {
    const auto signature = sign(signer, as_bytes("text"));
    return signature && verify<es256>(signer.public_key(), as_bytes("text"), *signature);
  }
};

}  // namespace

TEST_CASE("sessions that the token has lost are opened anew, and the login renewed", "[recovery]") {
  const with_key in{"lost sessions"};
  for (int i = 0; i != 3; ++i) {
    REQUIRE(in.signs());
    const auto logins = calls("C_Login");
    REQUIRE(pkcs11().C_CloseAllSessions(in.token.info().slot) == CKR_OK);  // logs out, too
    CHECK(in.signs());
    CHECK(calls("C_Login") == logins + 1);
  }
}

TEST_CASE("a logout by somebody else is mended with the PIN that was good", "[recovery]") {
  const with_key in{"logged out"};
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  REQUIRE(pkcs11().C_OpenSession(in.token.info().slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session) ==
          CKR_OK);
  REQUIRE(pkcs11().C_Logout(session) == CKR_OK);
  REQUIRE(pkcs11().C_CloseSession(session) == CKR_OK);
  CHECK(in.signs());
}

TEST_CASE("a PIN that was good and is refused now is not tried a second time", "[recovery]") {
  const with_key in{"changed PIN"};
  REQUIRE(pkcs11().C_CloseAllSessions(in.token.info().slot) == CKR_OK);
  const auto logins = calls("C_Login");
  const shim_setting fail{"SHIM_FAIL", "C_Login:0:0xa0"};
  for (int i = 0; i != 5; ++i) CHECK(!sign(in.signer, as_bytes("text")));
  CHECK(calls("C_Login") == logins + 1);
  const auto again = in.token.login(pin_of(right_pin), in.state.path);
  CHECK((!again && again.error() == hsm::trouble::pin_refused));
  CHECK(calls("C_Login") == logins + 1);
}

TEST_CASE("a PIN is not shown to another token in the same slot", "[recovery]") {
  const with_key in{"replaced token"};
  REQUIRE(in.signs());
  REQUIRE(pkcs11().C_CloseAllSessions(in.token.info().slot) == CKR_OK);
  const auto logins = calls("C_Login");
  {
    const shim_setting another{"SHIM_TOKEN_SERIAL", "another"};
    for (int i = 0; i != 3; ++i) CHECK(!sign(in.signer, as_bytes("text")));
    CHECK(calls("C_Login") == logins);
  }
  CHECK(in.signs());  // it is back
}

TEST_CASE("a write-protected token has sessions that read", "[recovery]") {
  const with_key in{"write-protected"};
  REQUIRE(pkcs11().C_CloseAllSessions(in.token.info().slot) == CKR_OK);
  const shim_setting fail{"SHIM_FAIL", "C_OpenSession:1:0xe2"};
  CHECK(in.signs());
}

TEST_CASE("a key is looked up again only when the token no longer knows it", "[recovery]") {
  const with_key in{"looked up"};
  REQUIRE(in.signs());
  auto before = calls("C_FindObjectsInit");
  for (int i = 0; i != 10; ++i) CHECK(in.signs());
  CHECK(calls("C_FindObjectsInit") == before);
  for (const auto* code : {"0x60", "0x82", "0xb0", "0xb3", "0x90", "0x101"}) {
    before = calls("C_FindObjectsInit");
    const shim_setting fail{"SHIM_FAIL", std::string{"C_SignInit:1:"} + code};
    INFO(code);
    CHECK(in.signs());
    CHECK(calls("C_FindObjectsInit") == before + 1);
  }
  // After a look-up nothing is let out that the public half does not confirm.
  const shim_setting fail{"SHIM_FAIL", "C_SignInit:1:0x60"};
  const shim_setting bad{"SHIM_BAD_SIGNATURE", "1"};
  const auto signature = sign(in.signer, as_bytes("text"));
  CHECK((!signature && signature.error() == make_error_code(hsm::trouble::key_mismatch)));
}

TEST_CASE("a key that was destroyed is not there, and costs others nothing", "[recovery]") {
  const with_key in{"destroyed"};
  REQUIRE(in.token.destroy_id(in.key.id()));
  for (int i = 0; i != 3; ++i) {
    const auto signature = sign(in.signer, as_bytes("text"));
    CHECK((!signature && signature.error() == make_error_code(hsm::trouble::key_not_found)));
  }
}

TEST_CASE("a failure that says nothing of its cause closes all sessions, once in a while", "[recovery]") {
  const with_key in{"device"};
  const auto closed = calls("C_CloseAllSessions");
  const auto logins = calls("C_Login");
  for (const bool first : {true, false}) {
    const shim_setting fail{"SHIM_FAIL", "C_Sign:1:0x30"};
    CHECK(sign(in.signer, as_bytes("text")).has_value() == first);
    CHECK(calls("C_CloseAllSessions") == closed + 1);
    CHECK(calls("C_Login") == logins + 1);
  }
  CHECK(in.signs());
}

TEST_CASE("sessions are not closed under those who use them", "[recovery]") {
  const with_key in{"device storm"};
  std::atomic<bool> done = false;
  std::atomic<int> bad = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t != 4; ++t)
    threads.emplace_back([&] {
      while (!done) bad += in.signs() ? 0 : 1;
    });
  {
    const shim_setting fail{"SHIM_FAIL", "C_Sign:50:0x5"};
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
  }
  done = true;
  for (auto& thread : threads) thread.join();
  CHECK(bad == 0);
}

TEST_CASE("a failure that no session mends is told as it is", "[recovery]") {
  const with_key in{"device error"};
  const shim_setting fail{"SHIM_FAIL", "C_Sign:0:0x30"};
  const auto signature = sign(in.signer, as_bytes("text"));
  CHECK((!signature && signature.error() == make_error_code(hsm::errc::device_error)));
  CHECK(signature.error() == condition::retry_later);
}

TEST_CASE("a module that was finalised is left to a new process", "[recovery]") {
  const with_key in{"finalised"};
  const auto closed = calls("C_CloseAllSessions");
  const auto logins = calls("C_Login");
  const shim_setting fail{"SHIM_FAIL", "C_SignInit:0:0x190"};
  const auto signature = sign(in.signer, as_bytes("text"));
  CHECK((!signature && signature.error() == make_error_code(hsm::errc::cryptoki_not_initialized)));
  CHECK(calls("C_CloseAllSessions") == closed);
  CHECK(calls("C_Login") == logins);
}

TEST_CASE("many threads come through the loss of all sessions", "[recovery]") {
  const with_key in{"storm"};
  REQUIRE(in.signs());
  const auto logins = calls("C_Login");
  REQUIRE(pkcs11().C_CloseAllSessions(in.token.info().slot) == CKR_OK);
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t != 8; ++t)
    threads.emplace_back([&] {
      for (int n = 0; n != 10; ++n) good += sign(in.signer, as_bytes("text")) ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  CHECK(good == 80);
  CHECK(calls("C_Login") == logins + 1);
}
