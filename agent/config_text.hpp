// The configuration from its text, without the files: what load() does once it has read them.
#pragma once

#include "agent/config.hpp"

#include <span>

namespace sealring::agent {

/// A file of the configuration, and what stands in it.
struct config_text {
  std::filesystem::path file;
  std::string text;
};

/// What the main file and those of conf.d say. No file is touched. condition::bad_input, with the place, where they cannot be
/// understood.
[[nodiscard]] result<config> parse_config(const config_text& main, std::span<const config_text> more);

}  // namespace sealring::agent
