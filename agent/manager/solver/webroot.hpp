// http-01 files below another server's document root: WEBROOT/.well-known/acme-challenge/TOKEN.
//
// Whoever may write in the web root must not lead us out of it: below it no symbolic link is followed, and only a file with the
// content that we wrote is deleted.
#pragma once

#include "agent/failure.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace sealring::agent {

/// RFC 8555 section 8.3: "MUST NOT contain any characters outside the base64url alphabet". Nor is it longer than a file's name.
[[nodiscard]] bool is_token(std::string_view) noexcept;

/// Which folders below the web root were not there before.
struct made_folders {
  bool well_known = false;
  bool acme_challenge = false;
};

/// Makes the file (0644), and the folders that are missing (0755).
[[nodiscard]] result<made_folders> put_in_webroot(const std::filesystem::path& webroot, const std::string& token,
                                                  std::string_view content);

/// Deletes the file if it has this content, and these folders if nothing else is in them. False if the file stays.
[[nodiscard]] bool take_from_webroot(const std::filesystem::path& webroot, const std::string& token, std::string_view content,
                                     made_folders) noexcept;

}  // namespace sealring::agent
