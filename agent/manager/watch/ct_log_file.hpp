// The operator's file of CT logs, read again when it has changed.
#pragma once

#include "agent/manager/watch/ct_log_list.hpp"

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include <sys/stat.h>

namespace sealring::agent {

/// Safe from several threads.
class ct_log_file {
public:
  explicit ct_log_file(std::filesystem::path file) : file_{std::move(file)} {}

  struct answer {
    std::shared_ptr<const ct_log_list> list{};  ///< the last that was good; null: there was none
    std::string trouble{};                      ///< what is wrong with the file
  };
  [[nodiscard]] answer now();

private:
  [[nodiscard]] static bool is_same(const struct stat&, const struct stat&) noexcept;

  std::filesystem::path file_;
  std::mutex mutex_;
  std::optional<struct stat> seen_;
  answer last_;
};

}  // namespace sealring::agent
