#include "agent/program.hpp"

#include "hsm/module.hpp"

#include <openssl/crypto.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

namespace sealring::agent {

namespace {

volatile std::sig_atomic_t exit_status = 0;

/// The PIN passes through this process.
void harden() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace

void begin_program(const char* name) {
  harden();
  prctl(PR_SET_NAME, name);
  // A PKCS#11 module shares our libcrypto: an openssl.cnf that activates a PKCS#11 provider would lead it back to itself.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

/// C++ modules destroy their globals in an order nobody controls, some after libcrypto has gone: we leave without destructors.
/// A module that hangs in C_Finalize is left behind.
void leave_program(int status) {
  exit_status = status;
  std::signal(SIGALRM, [](int) { _exit(exit_status); });
  alarm(2);
  hsm::module::finalize_all();
  _exit(status);
}

}  // namespace sealring::agent
