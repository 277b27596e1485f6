// Another program that runs for as long as it is needed.
#pragma once

#include "agent/failure.hpp"

#include <filesystem>
#include <memory>
#include <span>

#include <sys/types.h>

namespace sealring::bench {

/// Ended by SIGTERM, after ten seconds by SIGKILL, and waited for, when this is destroyed; by SIGTERM when this process dies.
class child {
public:
  /// `words` begin with the program, an absolute path; what it says goes to `log`.
  [[nodiscard]] static agent::result<std::unique_ptr<child>> start(std::span<const std::string> words,
                                                                   const std::filesystem::path& log);
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  ~child();

  pid_t id() const noexcept { return id_; }
  /// Whether it has ended by itself.
  [[nodiscard]] bool gone() noexcept;

private:
  explicit child(pid_t id) noexcept : id_{id} {}
  pid_t id_;
};

/// A folder of our own that goes away with what is in it. Others may pass through.
class temporary_folder {
public:
  [[nodiscard]] static agent::result<std::unique_ptr<temporary_folder>> make();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder();
  const std::filesystem::path& path() const noexcept { return path_; }

private:
  explicit temporary_folder(std::filesystem::path path) : path_{std::move(path)} {}
  std::filesystem::path path_;
};

/// The last line of a file, fit for a message.
[[nodiscard]] std::string last_line(const std::filesystem::path&);

}  // namespace sealring::bench
