// Landlock: which files a process may still open, by its own wish (linux/landlock.h, kernel 5.13 and later).
#pragma once

#include "agent/failure.hpp"
#include "agent/supervisor/descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace sealring::agent {

/// The version of Landlock's interface that the kernel has; 0 for none.
[[nodiscard]] int landlock_version() noexcept;

/// What is to be restricted. Nothing is by itself: what is handled is refused but where a rule allows it.
class landlock {
public:
  enum class files {
    all,                    ///< reading, writing, all else; running programs too
    only_what_nobody_needs  ///< running programs and making devices
  };

  /// Empty if the kernel has none. Signals to processes outside are refused where it can (version 6).
  [[nodiscard]] static result<std::optional<landlock>> make(files);

  enum class access { read, write };
  enum class if_missing { fail, skip };
  /// The file, or all below the folder. `write` is everything that can be done to files but running them.
  [[nodiscard]] result<void> allow(const std::filesystem::path&, access, if_missing);

  /// The same for reading, but for what `never` names at or below it: the others beside those are allowed one by one.
  [[nodiscard]] result<void> allow_reading_without(const std::filesystem::path&,
                                                   const std::vector<std::filesystem::path>& never);

  /// From now on, for the calling thread and those it will start.
  [[nodiscard]] result<void> enforce();

private:
  landlock(descriptor rules, std::uint64_t handled) : rules_(std::move(rules)), handled_(handled) {}
  descriptor rules_;
  std::uint64_t handled_;
};

/// Whether `path` is `folder` or lies below it. Both as std::filesystem::weakly_canonical gives them.
[[nodiscard]] bool lies_in(const std::filesystem::path& path, const std::filesystem::path& folder);

}  // namespace sealring::agent
