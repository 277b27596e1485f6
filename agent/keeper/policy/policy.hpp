// The judge: may this peer have this signed with this key?
//
// Pure: it reads the message, the key's rules and the world that it is given, and changes nothing. What must change when the
// signature is released (a kid to pin, an approval that was used) is in the verdict.
#pragma once

#include "agent/keeper/policy/rule.hpp"
#include "agent/keeper/policy/world.hpp"
#include "sealring/algorithm.hpp"

namespace sealring::agent::policy {

struct request {
  enum class type : std::uint8_t { sign_message, sign_digest };
  type kind;
  const key_rules& key;
  algorithm_id algorithm;
  bytes_view payload;
  const peer& from;
};

struct verdict {
  bool allowed;
  rule decided_by;
  /// For the log and an authorised peer, one line: what was wrong, and what in the operator's files would allow it. Empty where
  /// allowed. Where decided_by is rule::unauthorised it is the same whatever the key.
  std::string why;
  std::string what;  ///< what was asked, in parsed form, one line; empty where it could not be parsed

  // Once the signature is released. Nothing here where it is not allowed.
  std::optional<std::string> pin_kid{};    ///< the account's URL from now on
  bool new_account_signed = false;         ///< so that a kid is due
  std::vector<std::uint64_t> approvals{};  ///< numbers of those without which it would have been denied
};

/// The denial for who may not know which keys exist. Also for a key that does not exist.
inline constexpr std::string_view unauthorised_text = "no such key, or it is not for this user";

/// Whether the peer may know that the key exists, and why a request was denied: the manager, or one of the key's peers.
[[nodiscard]] bool authorised(const peer&, const key_rules&) noexcept;

/// Whether the peer is one of the key's peers: by uid, gid or a supplementary group.
[[nodiscard]] bool is_listed(const peer&, const key_rules&) noexcept;

[[nodiscard]] verdict judge(const request&, const world&);

}  // namespace sealring::agent::policy
