// One record of the audit log: one line of JSON, in one form only.
//
//   {"seq":17,"time":"2026-11-24T02:20:02.123456Z","kind":"request",...,"hash":"9f2c..."}
//
// Members stand in a fixed order, without white space. "hash" is the SHA-256, in hexadecimal, of the hash of the record before
// it (64 zeros before the first) followed by this line without its "hash" member, so that sha256sum can recompute it.
#pragma once

#include "agent/failure.hpp"
#include "sealring/bytes.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <sys/types.h>

namespace sealring::agent::audit {

using timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// Longer lines are no records.
inline constexpr std::size_t longest_line = std::size_t{32} * 1024;

/// The first record: which log this is, and whose signature its checkpoints bear.
struct header {
  std::string log{};      ///< 128 random bits in hexadecimal
  sealring::bytes key{};  ///< SubjectPublicKeyInfo of the audit key, P-256
  bool operator==(const header&) const = default;
};

/// Who asked, as the kernel told it.
struct peer {
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
  std::uint64_t start = 0;  ///< /proc/PID/stat, field 22: with the pid it names one process of this boot
  std::string comm{};
  std::string cgroup{};
  bool operator==(const peer&) const = default;
};

enum class decision { allowed, denied };

/// One request and what became of it. Text may come from strangers: it is made harmless and cut to length when it is written.
struct request {
  peer who{};
  std::string key{};   ///< the key's name
  std::string spki{};  ///< SHA-256 of its SubjectPublicKeyInfo, hexadecimal
  std::string purpose{};
  std::string operation{};
  std::string what{};  ///< what was to be signed, as the policy read it; "signed" in the line
  decision verdict = decision::denied;
  std::string rule{};    ///< what decided
  std::string detail{};  ///< how it ended
  bool operator==(const request&) const = default;
};

/// Something that happened to the keeper or to the log itself: started, stopped, reloaded, a torn line set aside.
struct event {
  std::string name{};
  std::string detail{};
  bool operator==(const event&) const = default;
};

/// "At record `covers` the chain's hash was `chain`", signed by the audit key.
struct checkpoint {
  std::string log{};
  std::uint64_t covers = 0;
  std::string chain{};
  fixed_bytes<64> signature{};  ///< ES256, r||s
  bool operator==(const checkpoint&) const = default;
};

using content = std::variant<header, request, event, checkpoint>;

struct record {
  std::uint64_t sequence = 0;
  timestamp time{};
  content what{};
  std::string hash{};
};

/// Where the chain stands: the number that the next record gets, and the hash that it follows.
struct link {
  std::uint64_t next = 0;
  std::string hash = std::string(64, '0');
};

/// The members from "kind" on, without "hash": all that does not depend on the record's place.
[[nodiscard]] std::string encode(const content&);
/// The same of one for each signature, which is not copied for it.
[[nodiscard]] std::string encode(const request&);

/// Appends the next record's line, with its newline, and moves the link on.
[[nodiscard]] result<void> append_line(std::string& out, link&, timestamp, std::string_view encoded);

/// Reads a line (without its newline). Refuses all that this version would not write, byte for byte.
[[nodiscard]] result<record> decode(std::string_view line);

/// What the hash of this line must be after a record with the hash `before`.
[[nodiscard]] result<std::string> hash_of(std::string_view before, std::string_view line);

/// RFC 3339 in UTC with microseconds; 27 characters.
[[nodiscard]] std::string to_text(timestamp);
/// Reads it back. What is no such time may come out as another: who needs the one form writes it again and compares.
[[nodiscard]] std::optional<timestamp> time_from(std::string_view);

[[nodiscard]] std::string hexadecimal(bytes_view);

/// With padding (RFC 4648 section 4), as `openssl` and `base64` read it.
[[nodiscard]] std::string base64(bytes_view);
/// Nothing where it is none.
[[nodiscard]] std::optional<sealring::bytes> from_base64(std::string_view);

}  // namespace sealring::agent::audit
