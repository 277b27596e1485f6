#include "fixture.hpp"

#include <csignal>

#include <sys/wait.h>

using namespace sealring;
using namespace sealring::test;

TEST_CASE("a module is loaded once, whatever it is called", "[module]") {
  const auto first = load_module();
  const scratch_folder folder;
  fs::create_symlink(SEALRING_SHIM, folder / "link.so");
  CHECK(hsm::module::load(folder / "link.so").value() == first);
  CHECK(first->description().find("SoftHSM") != std::string::npos);
  CHECK(first->threaded());
}

TEST_CASE("what is no module is refused with a reason", "[module]") {
  softhsm();
  const auto none = hsm::module::load("/nonexistent/module.so");
  REQUIRE(!none);
  CHECK(none.error() == hsm::trouble::module_not_loadable);
  CHECK(message_of(none).find("/nonexistent/module.so: No such file") != std::string::npos);
  const auto text = hsm::module::load(softhsm() / "softhsm2.conf");
  REQUIRE(!text);
  CHECK(message_of(text).find("invalid ELF header") != std::string::npos);
  const auto other = hsm::module::load("/lib/x86_64-linux-gnu/libdl.so.2");
  CHECK((!other && message_of(other).find("C_GetFunctionList") != std::string::npos));
  // And the program ends as any other does.
  const pid_t child = ::fork();
  if (child == 0) {
    hsm::module::finalize_all();
    ::_exit(0);
  }
  int how = -1;
  CHECK(::waitpid(child, &how, 0) == child);
  CHECK(how == 0);
}

TEST_CASE("a module that other code has initialised is left alone", "[module]") {
  REQUIRE(load_module()->finalize());
  REQUIRE(pkcs11().C_Initialize(nullptr) == CKR_OK);
  const auto ours = hsm::module::load(SEALRING_SHIM);
  CHECK((!ours && ours.error() == hsm::trouble::module_in_use));
  REQUIRE(pkcs11().C_Finalize(nullptr) == CKR_OK);
}

TEST_CASE("a finalised module answers nothing, and may be loaded anew", "[module]") {
  make_token("finalised");
  const auto module = load_module();
  auto token = find_token("finalised");
  REQUIRE(module->finalize());
  REQUIRE(module->finalize());
  const scratch_folder state;
  const auto late = token.login(pin_of(right_pin), state.path);
  CHECK((!late && late.error() == hsm::errc::cryptoki_not_initialized));
  CHECK(load_module() != module);
  CHECK(find_token("finalised").login(pin_of(right_pin), state.path));
}

TEST_CASE("a module gets the string that it wants at C_Initialize", "[module]") {
  REQUIRE(load_module()->finalize());
  const shim_setting wants{"SHIM_INIT_ARGS", "configdir='/etc/nss'"};
  const auto without = hsm::module::load(SEALRING_SHIM);
  CHECK((!without && without.error() == hsm::trouble::module_failed));
  CHECK(message_of(without).find("CKR_ARGUMENTS_BAD (0x7)") != std::string::npos);
  CHECK(load_module("configdir='/etc/nss'"));
  const auto different = hsm::module::load(SEALRING_SHIM, "another");
  CHECK((!different && different.error() == hsm::trouble::module_in_use));
  REQUIRE(load_module("configdir='/etc/nss'")->finalize());
}

TEST_CASE("a module that cannot lock is used by one thread at a time", "[module]") {
  REQUIRE(load_module()->finalize());
  const shim_setting cannot{"SHIM_CANT_LOCK", "1"};
  CHECK(!load_module()->threaded());
  {
    logged_in in{"one thread"};
    const auto key = in.token.generate(hsm::key_type::p256, "k");
    INFO(message_of(key));
    REQUIRE(key);
    CHECK(sign(key->bind<es256>().value(), as_bytes("text")));
  }
  REQUIRE(load_module()->finalize());
}

TEST_CASE("loading a module leaves the process as it was", "[module]") {
  const auto look = [] {
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, nullptr, &mask);
    const mode_t umask_now = ::umask(0);
    ::umask(umask_now);
    std::string out = fs::current_path().string() + ' ' + std::to_string(umask_now) + ' ' + std::setlocale(LC_ALL, nullptr) +
                      ' ' + std::to_string(optind);
    for (int i = 1; i < 32; ++i) {
      struct sigaction action{};
      sigaction(i, nullptr, &action);
      out += ' ' + std::to_string(sigismember(&mask, i)) + (action.sa_handler == SIG_DFL ? 'd' : 'x');
    }
    return out;
  };
  REQUIRE(load_module()->finalize());
  const auto before = look();
  load_module();
  CHECK(look() == before);
}
