#include "fixture.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <thread>

using namespace sealring;
using namespace sealring::test;

namespace {

/// A token, a state folder, and PIN files, for logins by processes of their own. Each C_Login leaves a line in a log.
struct restarts {
  scratch_folder folder;
  std::string label;
  explicit restarts(const std::string& name) : label{name} {
    make_token(label);
    fs::create_directory(folder / "state");
  }

  fs::path pin_file(const std::string& name, const std::string& pin) const {
    const auto path = folder / name;
    fs::remove(path);
    std::ofstream{path} << pin << '\n';
    ::chmod(path.c_str(), 0400);
    return path;
  }

  pid_t start(const fs::path& pin, const std::string& fail = "") const {
    const auto log = (folder / "log").string();
    const auto state = (folder / "state").string();
    ::setenv("SHIM_LOG", log.c_str(), 1);
    if (!fail.empty()) ::setenv("SHIM_FAIL", fail.c_str(), 1);
    const char* arguments[] = {SEALRING_HSM_LOGIN, SEALRING_SHIM, label.c_str(), pin.c_str(), state.c_str(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 2, (folder / "stderr").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t child = 0;
    REQUIRE(posix_spawn(&child, arguments[0], &actions, nullptr, const_cast<char**>(arguments), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    ::unsetenv("SHIM_LOG");
    ::unsetenv("SHIM_FAIL");
    return child;
  }

  static int wait(pid_t child) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  int run(const fs::path& pin, const std::string& fail = "") const { return wait(start(pin, fail)); }

  std::string said() const {
    std::ifstream in{folder / "stderr"};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  long tries() const {
    std::ifstream in{folder / "log"};
    return std::count(std::istreambuf_iterator<char>{in}, {}, '\n');
  }
};

}  // namespace

TEST_CASE("100 runs with a wrong PIN make one try, and a copy of the PIN makes none", "[login]") {
  const restarts r{"restart loop"};
  const auto wrong = r.pin_file("pin", wrong_pin);
  CHECK(r.run(wrong) == 1);
  CHECK(r.said().find("CKR_PIN_INCORRECT (0xa0)") != std::string::npos);
  for (int i = 1; i != 100; ++i) CHECK(r.run(wrong) == 1);
  CHECK(r.tries() == 1);
  CHECK(r.said().find("has refused this PIN before") != std::string::npos);
  CHECK(r.run(r.pin_file("copy", wrong_pin)) == 1);
  CHECK(r.tries() == 1);

  // SoftHSM has set CKF_USER_PIN_COUNT_LOW now: that must not keep the right PIN out, nor another wrong one from its one try.
  CHECK(r.run(r.pin_file("other", "another wrong one")) == 1);
  CHECK(r.tries() == 2);
  CHECK(r.run(r.pin_file("pin", right_pin)) == 0);
  CHECK(r.run(r.pin_file("pin", right_pin)) == 0);
  CHECK(r.tries() == 4);
  CHECK(r.run(r.pin_file("pin", wrong_pin)) == 1);
  CHECK(r.tries() == 4);
}

TEST_CASE("a login that crashes is tried once more, then a person is asked", "[login]") {
  const restarts r{"crash loop"};
  const auto pin = r.pin_file("pin", right_pin);
  CHECK(r.run(pin, "C_Login:1:crash") == 99);
  CHECK(r.run(pin, "C_Login:1:crash") == 99);
  for (int i = 0; i != 5; ++i) CHECK(r.run(pin) == 1);
  CHECK(r.tries() == 2);
  CHECK(r.said().find("two tries of this PIN never ended") != std::string::npos);
  const auto token = find_token("crash loop");
  REQUIRE(token.forget_pin_tries(r.folder / "state"));
  CHECK(r.run(pin) == 0);
}

TEST_CASE("one crash, then success", "[login]") {
  const restarts r{"one crash"};
  const auto pin = r.pin_file("pin", right_pin);
  CHECK(r.run(pin, "C_Login:1:crash") == 99);
  for (int i = 0; i != 3; ++i) CHECK(r.run(pin) == 0);
}

TEST_CASE("several processes at once make one try of a wrong PIN", "[login]") {
  const restarts r{"crowd"};
  const auto pin = r.pin_file("pin", wrong_pin);
  std::vector<pid_t> children;
  for (int i = 0; i != 8; ++i) children.push_back(r.start(pin));
  for (const auto child : children) CHECK(restarts::wait(child) == 1);
  CHECK(r.tries() == 1);
}

TEST_CASE("the token's own flags come first", "[login]") {
  make_token("flags");
  const scratch_folder state;
  const auto token = find_token("flags");
  const auto refused = [&](CK_FLAGS flags) {
    const auto before = calls("C_Login");
    const shim_setting set{"SHIM_TOKEN_FLAGS", std::to_string(flags)};
    const auto done = token.login(pin_of(right_pin), state.path);
    REQUIRE(!done);
    CHECK(calls("C_Login") == before);
    CHECK(done.error() == condition::operator_needed);
    return done.error();
  };
  CHECK(refused(CKF_USER_PIN_FINAL_TRY) == hsm::trouble::pin_last_try);
  CHECK(refused(CKF_USER_PIN_LOCKED) == hsm::trouble::pin_locked);
  CHECK(refused(CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED) == hsm::trouble::pin_locked);
  CHECK(refused(CKF_USER_PIN_TO_BE_CHANGED) == hsm::trouble::pin_to_be_changed);
  const shim_setting low{"SHIM_TOKEN_FLAGS", std::to_string(CKF_USER_PIN_COUNT_LOW)};
  CHECK(token.login(pin_of(right_pin), state.path));
}

TEST_CASE("a process logs in once, however often it is asked and by how many threads", "[login]") {
  make_token("once");
  const scratch_folder state;
  const auto token = find_token("once");
  const auto again = find_token("once");
  const auto before = calls("C_Login");
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i != 8; ++i)
    threads.emplace_back([&, i] { good += (i % 2 == 0 ? token : again).login(pin_of(right_pin), state.path) ? 1 : 0; });
  for (auto& thread : threads) thread.join();
  CHECK(good == 8);
  CHECK(calls("C_Login") - before <= 2);  // each handle may have asked before it saw the other's login
}

TEST_CASE("an answer that says nothing of the PIN leaves the try unfinished; one that came before it does not", "[login]") {
  make_token("answers");
  const scratch_folder state;
  const auto token = find_token("answers");
  const auto login = [&](const char* code) {
    const shim_setting fail{"SHIM_FAIL", std::string{"C_Login:1:"} + code};
    return token.login(pin_of(right_pin), state.path).error();
  };
  for (int i = 0; i != 4; ++i) CHECK(login("0xe0") == hsm::errc::token_not_present);
  CHECK(login("0x30") == hsm::errc::device_error);
  CHECK(login("0x30") == hsm::errc::device_error);
  CHECK(login("0x30") == hsm::trouble::pin_unfinished);
  REQUIRE(token.forget_pin_tries(state.path));
  for (const auto* code : {"0xa0", "0xa1", "0xa2", "0xa3", "0xa4"}) {
    CHECK(login(code) == condition::operator_needed);
    CHECK(login(code) == hsm::trouble::pin_refused);
    REQUIRE(token.forget_pin_tries(state.path));
  }
}

TEST_CASE("a state folder that cannot be written to keeps the PIN away from the token", "[login]") {
  make_token("no state");
  const auto before = calls("C_Login");
  const auto done = find_token("no state").login(pin_of(right_pin), "/nonexistent/state");
  REQUIRE(!done);
  CHECK(done.error() == hsm::trouble::mark_unusable);
  CHECK(done.error().message().find("/nonexistent/state") != std::string::npos);
  CHECK(calls("C_Login") == before);
}

TEST_CASE("an openssl.cnf that breaks libcrypto does not reach the module", "[login]") {
  const restarts r{"hostile configuration"};
  std::ofstream{r.folder / "openssl.cnf"} << "openssl_conf = all\nconfig_diagnostics = 1\n[all]\nproviders = list\n"
                                             "[list]\npkcs11 = it\n[it]\nmodule = /nonexistent/pkcs11.so\nactivate = 1\n";
  ::setenv("OPENSSL_CONF", (r.folder / "openssl.cnf").c_str(), 1);
  const int left = r.run(r.pin_file("pin", right_pin));
  ::unsetenv("OPENSSL_CONF");
  INFO(r.said());
  CHECK(left == 0);
}
