// The operator's files are the policy: the keeper believes them only where nobody else can have written them.
#pragma once

#include "agent/config.hpp"

#include <sys/types.h>

namespace sealring::agent {

/// Reads sealring.toml and conf.d as load() does, if the file and its folder, the folder conf.d and each file in it are no
/// symlinks, belong to root or to `owner`, and cannot be written by group or others. condition::operator_needed, with the file
/// and what to type, where that is not so.
[[nodiscard]] result<config> load_trusted(const std::filesystem::path& file, uid_t owner);

}  // namespace sealring::agent
