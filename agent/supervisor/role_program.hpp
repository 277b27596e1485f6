// The programs that roles are, each opened once: whoever has it open starts the same one again, even after an upgrade has put
// another in its place.
#pragma once

#include "agent/failure.hpp"
#include "agent/supervisor/descriptor.hpp"

#include <filesystem>

namespace sealring::agent {

/// To be started, not to be read.
[[nodiscard]] result<descriptor> open_program(const std::filesystem::path&);

/// This very one.
[[nodiscard]] result<descriptor> open_this_program();

/// sealring-keeper, as it is installed with this program, or built beside it.
[[nodiscard]] result<descriptor> open_keeper_program();

}  // namespace sealring::agent
