// Sessions on which C_SignInit has been called ahead: hsm::signer::arm.

#include "fixture.hpp"

#include <thread>

using namespace sealring;
using namespace sealring::test;

namespace {

bool signs(const auto& signer) {
  const auto signature = sign(signer, as_bytes("text"));
  return signature && verify<es256>(signer.public_key(), as_bytes("text"), *signature);
}

/// A key in use: it has signed twice just now.
struct in_use : logged_in {
  hsm::key key;
  hsm::signer<es256> signer;
  explicit in_use(const std::string& label, hsm::token_options options = {})
      : logged_in{label, options}, key{token.generate(hsm::key_type::p256, "k").value()}, signer{key.bind<es256>().value()} {
    REQUIRE(signs(signer));
    REQUIRE(signs(signer));
  }
};

/// Whether a signature now is C_Sign alone.
bool is_armed(const auto& signer) {
  const since begun{"C_SignInit"}, made{"C_Sign"};
  REQUIRE(signs(signer));
  REQUIRE(made() == 1);
  return begun() == 0;
}

}  // namespace

TEST_CASE("a key in use is armed for, and its next signature is C_Sign alone", "[armed]") {
  for (const auto copies : {hsm::copy_use::never, hsm::copy_use::always}) {
    const in_use in{copies == hsm::copy_use::never ? "armed key" : "armed copy", {.copies = copies}};
    CHECK(!is_armed(in.signer));
    for (int i = 0; i != 3; ++i) {
      const since begun{"C_SignInit"}, made{"C_Sign"};
      in.signer.arm();
      CHECK(begun() == 1);
      CHECK(made() == 0);
      CHECK(is_armed(in.signer));
    }
    CHECK(!is_armed(in.signer));
  }
}

TEST_CASE("a key that is seldom used is not armed for", "[armed]") {
  const logged_in in{"seldom"};
  REQUIRE(in.token.generate(hsm::key_type::p256, "k"));
  const auto signer = in.token.find("k").value().bind<es256>().value();
  const since begun{"C_SignInit"};
  signer.arm();
  REQUIRE(signs(signer));
  signer.arm();
  CHECK(begun() == 1);
}

TEST_CASE("while copy and key are compared nothing is armed", "[armed]") {
  const in_use in{"on trial", {.copies = hsm::copy_use::automatic}};
  const since begun{"C_SignInit"};
  in.signer.arm();
  CHECK(begun() == 0);
  for (int i = 0; i != 20; ++i) REQUIRE(signs(in.signer));
  in.signer.arm();
  CHECK(is_armed(in.signer));
}

TEST_CASE("what is armed for one key or mechanism serves no other", "[armed]") {
  const in_use in{"two"};
  const auto other = in.token.generate(hsm::key_type::rsa2048, "other").value();
  const auto pkcs = other.bind<rs256>().value();
  const auto pss = other.bind<ps256>().value();
  in.signer.arm();
  for (int i = 0; i != 2; ++i) REQUIRE(sign(pkcs, as_bytes("text")));
  pkcs.arm();
  const since begun{"C_SignInit"};
  const auto padded = sign(pss, as_bytes("text"));
  REQUIRE(padded);
  CHECK(verify<ps256>(pss.public_key(), as_bytes("text"), *padded));
  CHECK(begun() == 1);
  const auto plain = sign(pkcs, as_bytes("text"));
  REQUIRE(plain);
  CHECK(verify<rs256>(pkcs.public_key(), as_bytes("text"), *plain));
  CHECK(begun() == 1);
  CHECK(is_armed(in.signer));
}

TEST_CASE("a session that is needed is not kept armed", "[armed]") {
  const in_use in{"needed", {.most_sessions = 3}};
  const since begun{"C_SignInit"};
  in.signer.arm();  // one of the two that sign
  in.signer.arm();  // the other is not
  CHECK(begun() == 1);
  const since closed{"C_CloseSession"};
  const auto other = in.token.generate(hsm::key_type::p256, "other").value().bind<es256>().value();
  CHECK(closed() == 0);
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t != 4; ++t)
    threads.emplace_back([&] {
      for (int n = 0; n != 10; ++n) good += sign(other, as_bytes("text")) ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  CHECK(good == 40);
  CHECK(signs(in.signer));
}

TEST_CASE("with one or two sessions nothing is armed", "[armed]") {
  for (const std::size_t most : {std::size_t{1}, std::size_t{2}}) {
    const in_use in{"narrow " + std::to_string(most), {.most_sessions = most}};
    const since begun{"C_SignInit"};
    in.signer.arm();
    CHECK(begun() == 0);
    CHECK(signs(in.signer));
  }
}

TEST_CASE("with a module that loses count of what is under way nothing is armed", "[armed]") {
  REQUIRE(load_module()->finalize());  // it says its name when it is initialized
  {
    const shim_setting name{"SHIM_LIBRARY", "TPM2.0 Cryptoki"};
    const in_use in{"loses count"};
    const since begun{"C_SignInit"};
    in.signer.arm();
    CHECK(begun() == 0);
    CHECK(signs(in.signer));
  }
  REQUIRE(load_module()->finalize());
}

TEST_CASE("what the token has forgotten costs no signature", "[armed]") {
  const in_use in{"forgets"};
  in.signer.arm();
  REQUIRE(pkcs11().C_CloseAllSessions(in.token.info().slot) == CKR_OK);
  CHECK(signs(in.signer));
  CHECK(signs(in.signer));
  in.signer.arm();
  CHECK(is_armed(in.signer));
}

TEST_CASE("a key for which arming fails again and again is not armed for any more", "[armed]") {
  const in_use in{"in vain"};
  const auto fail_once = [&] {
    in.signer.arm();
    const shim_setting fail{"SHIM_FAIL", "C_Sign:1:0x91"};
    CHECK(signs(in.signer));
  };
  fail_once();
  in.signer.arm();
  CHECK(is_armed(in.signer));  // what fails now and then is worth it
  for (int i = 0; i != 8; ++i) fail_once();
  const since begun{"C_SignInit"};
  in.signer.arm();
  CHECK(begun() == 0);
  CHECK(signs(in.signer));
}

TEST_CASE("no session stays armed for a key that is destroyed, or that nobody holds", "[armed]") {
  const in_use in{"destroyed"};
  in.signer.arm();
  REQUIRE(in.token.destroy(in.key));
  const auto gone = sign(in.signer, as_bytes("text"));
  CHECK((!gone && gone.error() == make_error_code(hsm::trouble::key_not_found)));

  const since closed{"C_CloseSession"};
  {
    const auto passing = in.token.generate(hsm::key_type::p256, "passing").value().bind<es256>().value();
    REQUIRE(signs(passing));
    REQUIRE(signs(passing));
    const auto before = closed();
    passing.arm();
    CHECK(closed() == before);
  }
  CHECK(closed() >= 1);
}

TEST_CASE("many threads arm and sign with two keys, while others come and go", "[armed]") {
  const in_use in{"armed storm", {.copies = hsm::copy_use::always}};
  const auto other = in.token.generate(hsm::key_type::p256, "other").value().bind<es256>().value();
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t != 4; ++t)
    threads.emplace_back([&, t] {
      const auto& signer = t % 2 == 0 ? in.signer : other;
      for (int n = 0; n != 50; ++n) {
        good += signs(signer) ? 1 : 0;
        signer.arm();
      }
    });
  for (int i = 0; i != 3; ++i) CHECK(in.token.destroy(in.token.generate(hsm::key_type::p256, "passing").value()));
  for (auto& thread : threads) thread.join();
  CHECK(good == 200);
}
