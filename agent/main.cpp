// sealring: the agent and its command line, in one program.

#include "agent/cli/command_line.hpp"

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
    const auto ended = std::visit([&](const auto& verb) { return cli::run(verb, global, out); }, invocation.verb);
    if (ended) return static_cast<int>(*ended);
    out.error(ended.error());
    return exit_code(ended.error());
  } catch (const std::exception& e) {
    out.error(fail(sealring::condition::operator_needed, std::string{"unexpected: "} + e.what()));
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  harden();
  // A PKCS#11 module shares our libcrypto: an openssl.cnf that activates a PKCS#11 provider would lead it back to itself.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  const int code = run(cli::parse_command_line(argc, argv));
  std::cout.flush();
  std::cerr.flush();
  // C++ modules destroy their globals in an order nobody controls, some after libcrypto has gone: leave without destructors.
  _exit(code);
}
