// What keys are called between manager and keeper, beside the names of certificates.
#pragma once

#include <string>
#include <string_view>

namespace sealring::agent {

/// The key that signs the audit log's checkpoints. No certificate can be called so, nor as the keys of accounts are.
inline constexpr std::string_view audit_key_name = "@audit";

/// The key of the account at this directory: "@account-" and a hash of the URL.
[[nodiscard]] std::string account_key_name(std::string_view directory);

/// Whether it is the name of an account's key, whatever the directory.
[[nodiscard]] bool is_account_key_name(std::string_view) noexcept;

}  // namespace sealring::agent
