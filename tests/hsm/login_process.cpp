// One process that logs in to a token and goes: what a restart loop does. hsm_login MODULE TOKEN PIN-FILE STATE-FOLDER
#include "hsm/token.hpp"

#include <unistd.h>

#include <cstdio>

namespace {

sealring::hsm::result<void> run(char** argument) {
  using namespace sealring;
  auto module = hsm::module::load(argument[1]);
  if (!module) return module.error();
  auto token = hsm::token::find(*module, argument[2]);
  if (!token) return token.error();
  auto pin = hsm::pin::from_file(argument[3]);
  if (!pin) return pin.error();
  return token->login(*std::move(pin), argument[4]);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) return 2;
  const auto done = run(arguments);
  if (!done) std::fprintf(stderr, "%s\n", done.error().message().c_str());
  std::fflush(stderr);
  _exit(done ? 0 : 1);  // the module is not torn down by static destructors
}
