// http-01 by files below another server's document root: WEBROOT/.well-known/acme-challenge/TOKEN.
//
// Whoever may write in the web root must not lead us out of it: below it no symbolic link is followed, and what is deleted is a
// file with the content that we wrote.
#pragma once

#include "agent/failure.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace sealring::agent {

/// Of RFC 8555 section 8.3: "MUST NOT contain any characters outside the base64url alphabet".
[[nodiscard]] bool is_token(std::string_view) noexcept;

/// Makes the folders that are missing (0755) and the file (0644).
[[nodiscard]] result<void> put_in_webroot(const std::filesystem::path& webroot, const std::string& token,
                                          std::string_view content);

/// Deletes the file if it has this content, and the folders if they are empty then and hold this manager's mark... 
void take_from_webroot(const std::filesystem::path& webroot, const std::string& token, std::string_view content) noexcept;

}  // namespace sealring::agent
