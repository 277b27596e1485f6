// What the manager asks of its supervisor, and is answered: the commands in the operator's file, which it may not run itself.
//
// A message is one packet of the channel of links.hpp: lines without their last line feed, none of them empty. The manager
// chooses a certificate, never a command.
//
//   deploy, NUMBER, NAME                           the files of NAME are new: hand them over, run its reload command
//   hook, NUMBER, NAME, ACTION, RECORD, VALUE      make a TXT record of a challenge, or take it away again
//   done, NUMBER                                   the answer to request NUMBER
//   failed, NUMBER, CONDITION, TEXT
#pragma once

#include "agent/config.hpp"

#include <cstdint>
#include <variant>

namespace sealring::agent {

/// Far more than any message needs: a name has 128 characters, a record 253, and a text is cut.
inline constexpr std::size_t longest_message = 4096;

/// How long a hook may take. Whether all servers show the record is another matter, and waited for elsewhere.
inline constexpr std::chrono::seconds hook_limit{60};

struct deploy_request {
  std::string name;  ///< of a [[certificate]]
  bool operator==(const deploy_request&) const = default;
};

enum class hook_action { present, clean_up };

struct hook_request {
  std::string name;
  hook_action action = hook_action::present;
  std::string record;  ///< without a dot at its end
  std::string value;
  bool operator==(const hook_request&) const = default;
};

using request = std::variant<deploy_request, hook_request>;

struct numbered_request {
  std::uint64_t number = 0;  ///< the asker's own, for the answer
  request what;
  bool operator==(const numbered_request&) const = default;
};

struct answer {
  std::uint64_t number = 0;
  result<void> outcome;
};

/// "present" or "clean-up", also the hook's argument.
[[nodiscard]] std::string_view to_string(hook_action) noexcept;

[[nodiscard]] std::string encode(const numbered_request&);
/// A text that is too long for a message is cut.
[[nodiscard]] std::string encode(const answer&);

/// condition::bad_input for what `encode` would not have written.
[[nodiscard]] result<numbered_request> parse_request(std::string_view);
[[nodiscard]] result<answer> parse_answer(std::string_view);

/// Whether the operator's files want it: the certificate is theirs; there is a hook, the record is one that a CA asks for to
/// prove one of its domains, or in the zone of [dns-01], and the value is a digest (RFC 8555 section 8.4). condition::denied if
/// not.
[[nodiscard]] result<void> judge(const config&, const request&);

}  // namespace sealring::agent
