// Reading a log: the records that fit, for a person or as they stand.
#pragma once

#include "agent/keeper/audit/record.hpp"

#include <filesystem>
#include <functional>
#include <optional>

namespace sealring::agent::audit {

/// What a record must be. A filter on a key, uid, decision or rule leaves only requests.
struct filter {
  std::string key{};
  std::optional<uid_t> uid{};
  bool denied = false;
  std::string rule{};
  std::optional<timestamp> since{};
  std::optional<timestamp> until{};
  std::optional<std::uint64_t> last{};  ///< only the last so many of those that fit
};

[[nodiscard]] bool fits(const record&, const filter&);

/// One line, with all that could move a cursor escaped.
[[nodiscard]] std::string to_line(const record&);

/// "2026-11-24", "2026-11-24T02:20", "...:02", "...:02.123456", each with or without "Z"; UTC.
[[nodiscard]] result<timestamp> parse_time(std::string_view);

/// Gives each record that fits, in order, and its line. Returns how many lines are no records: nothing is verified here.
[[nodiscard]] result<std::uint64_t> show(const std::filesystem::path& log, const filter&,
                                         const std::function<void(const record&, std::string_view line)>&);

}  // namespace sealring::agent::audit
