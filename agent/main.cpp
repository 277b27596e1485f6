// sealring: the agent and its command line, in one program.

#include "agent/cli/command_line.hpp"
#include "agent/manager/manager.hpp"
#include "hsm/module.hpp"

#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

using namespace sealring::agent;

namespace {

/// The PIN passes through this process: no debugger of our own user may attach, and no core file may be written.
void harden() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

int run(const cli::invocation& invocation) {
  const auto& global = invocation.global;
  cli::output out{std::cout, std::cerr, cli::detect(global.json, global.quiet)};
  try {
    if (global.as_manager) {
      if (const auto entered = enter_manager(global.config, *global.as_manager); !entered) {
        out.error(entered.error());
        return exit_code(entered.error());
      }
    }
    const auto ended = std::visit([&](const auto& verb) { return cli::run(verb, global, out); }, invocation.verb);
    if (ended) return static_cast<int>(*ended);
    out.error(ended.error());
    return exit_code(ended.error());
  } catch (const std::exception& e) {
    out.error(fail(sealring::condition::operator_needed, std::string{"unexpected: "} + e.what()));
    return 1;
  }
}

volatile std::sig_atomic_t exit_status = 0;

/// C++ modules destroy their globals in an order nobody controls, some after libcrypto has gone: we leave without destructors.
/// A module that hangs in C_Finalize is left behind.
[[noreturn]] void leave(int status) {
  exit_status = status;
  std::signal(SIGALRM, [](int) { _exit(exit_status); });
  alarm(2);
  sealring::hsm::module::finalize_all();
  _exit(status);
}

}  // namespace

int main(int argc, char** argv) {
  harden();
  prctl(PR_SET_NAME, "sealring");  // a role is started by another name of the program, and would be known as "exe"
  // A PKCS#11 module shares our libcrypto: an openssl.cnf that activates a PKCS#11 provider would lead it back to itself.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  int code = run(cli::parse_command_line(argc, argv));
  if (!std::cout.flush() && code == 0) code = 1;  // the result did not reach whoever asked for it
  std::cerr.flush();
  leave(code);
}
