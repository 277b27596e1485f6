// What the agent remembers: accounts, certificates, and keys that are being made.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealring::agent {

/// An account at a CA (RFC 8555 section 7.1.2). One a directory.
struct account {
  std::string directory;  ///< the CA's directory URL; identifies the record
  std::string url;        ///< the account URL: "kid" of its requests
  std::string key_label;  ///< CKA_LABEL of its key
  std::string key_id;     ///< CKA_ID in hex
  std::string status;     ///< section 7.1.6: "valid", "deactivated", "revoked"
  std::vector<std::string> contact;
  bool operator==(const account&) const = default;
};

enum class certificate_status { issued, revoked };

/// A certificate that was issued. Name and serial identify the record: a name keeps those that it had before.
struct certificate {
  std::string name;  ///< of the [[certificate]] and of live/NAME
  std::vector<std::string> domains;
  std::string directory;  ///< the CA it came from
  std::string key_label;
  std::string key_id;
  std::string key_type{};  ///< "p256", "rsa2048", ...
  std::string serial;      ///< hex, lower case
  std::chrono::sys_seconds not_before{};
  std::chrono::sys_seconds not_after{};
  certificate_status status = certificate_status::issued;
  std::chrono::sys_seconds issued_at{};
  std::optional<std::chrono::sys_seconds> revoked_at{};
  std::optional<int> revocation_reason{};  ///< RFC 5280 section 5.3.1
  bool operator==(const certificate&) const = default;
};

/// A key that is about to be made, or was made and is not yet in use. After a crash these are the only keys in the token that
/// may have no user.
struct pending_key {
  std::string id;    ///< CKA_ID in hex, chosen before the key is made; identifies the record
  std::string name;  ///< what the keeper calls the key
  std::chrono::sys_seconds created_at{};
  bool operator==(const pending_key&) const = default;
};

}  // namespace sealring::agent
