#include "agent/supervisor/role_program.hpp"

#include "agent/text.hpp"

#include <fcntl.h>

#include <cerrno>

namespace sealring::agent {
namespace fs = std::filesystem;

namespace {

constexpr const char* this_program = "/proc/self/exe";

}  // namespace

result<descriptor> open_program(const fs::path& file) {
  descriptor opened{::open(file.c_str(), O_PATH | O_CLOEXEC)};
  if (!opened) return system_failure(errno, "cannot open the program " + quote(file.string()));
  return opened;
}

result<descriptor> open_this_program() { return open_program(this_program); }

result<descriptor> open_keeper_program() {
  std::error_code bad;
  const fs::path folder = fs::read_symlink(this_program, bad).parent_path();
  if (bad) return system_failure(bad.value(), "cannot tell where this program is");
  const fs::path installed = (folder / SEALRING_KEEPER_FROM_BIN).lexically_normal();
  const fs::path built = folder / "sealring-keeper";
  for (const fs::path& file : {installed, built})
    if (fs::exists(file, bad) || bad) return open_program(file);  // which says what is wrong with it
  return fail(condition::operator_needed, "the installation is incomplete: the keeper's program is neither " +
                                              quote(installed.string()) + " nor " + quote(built.string()) +
                                              "; install sealring-keeper there");
}

}  // namespace sealring::agent
