// live/NAME: the files that servers read, switched all at once.
//
// live/NAME is a symbolic link to archive/NAME/SERIAL beside it, replaced by rename(2): a server that opens the files sees one
// generation or the next, never a certificate of one key beside the reference to another.
#pragma once

#include "agent/failure.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace sealring::agent {

/// PEM texts (RFC 7468), named as certbot names them.
struct live_files {
  std::string cert{};       ///< the certificate alone
  std::string chain{};      ///< its issuers
  std::string fullchain{};  ///< both, the certificate first
  std::string privkey{};    ///< a reference to the key in the token; mode 0640, as servers refuse wider ones
  std::string combined{};   ///< fullchain and privkey, for servers that want one file; 0640 likewise
};

/// Whether `publish` will be able to: asked before a certificate is ordered, which a CA counts.
[[nodiscard]] result<void> check_publishable(const std::filesystem::path& live, std::string_view name,
                                             const std::string& group = {});

/// Makes these files the ones in `live`/`name`, and keeps the generation before them. What is 0640 is given to the group, as
/// far as this process may: where the manager is a user of its own, hand_over.hpp does it after this. Answers the folder that
/// servers are to be pointed at: `live`/`name`. condition::bad_input for a name that is no plain file name;
/// condition::operator_needed if live/NAME is something that sealring did not make.
[[nodiscard]] result<std::filesystem::path> publish(const std::filesystem::path& live, std::string_view name,
                                                    std::string_view serial, const live_files&, const std::string& group = {});

/// Whether `live`/`name` shows a generation with this serial. Its files are as `publish` wrote them, and are not read: to parse
/// ten thousand certificates takes seconds.
[[nodiscard]] bool shows(const std::filesystem::path& live, std::string_view name, std::string_view serial);

/// Makes the generation that `live`/`name` had before the one that it shows show again, as far as publish has kept it. Answers
/// the one that it leaves, which stays, for point_at; empty if there is none before it, and nothing has changed.
[[nodiscard]] result<std::optional<std::string>> roll_back(const std::filesystem::path& live, std::string_view name);

/// Makes `live`/`name` show a generation that is still there: what roll_back has left, once more.
[[nodiscard]] result<void> point_at(const std::filesystem::path& live, std::string_view name, std::string_view generation);

/// The same, for the latest generation with this serial.
[[nodiscard]] result<void> show_again(const std::filesystem::path& live, std::string_view name, std::string_view serial);

}  // namespace sealring::agent
