// Frames: what travels between the keeper and its clients, as pure functions on bytes.
//
//   request  u32 length of what follows | u8 version | u8 operation        | u32 id | u8 n, n bytes of key name | body
//   reply    u32 length of what follows | u8 version | u8 operation | 0x80 | u32 id | u8 0 | u8 status | body
//
// Integers are big-endian. A whole frame, its length included, has at most 64 KiB. A client chooses the ids; replies carry them
// back, in any order. The body of a reply that refuses is text for a person.
//
// Frames are views: of the bytes that were decoded, or of the caller's own for encoding. Nothing here allocates for decoding.
#pragma once

#include "agent/wire/error.hpp"
#include "sealring/bytes.hpp"

namespace sealring::inline v0::wire {

inline constexpr std::uint8_t version = 1;
inline constexpr std::size_t max_frame = 64 * 1024;
inline constexpr std::size_t max_name = 128;
inline constexpr std::size_t max_refusal = 4 * 1024;

enum class operation : std::uint8_t {
  hello = 1,
  describe = 2,
  sign_message = 3,
  sign_digest = 4,
  generate = 16,
  adopt = 17,
  retire = 18,
  list = 19,
  anchors = 20,
  statistics = 21,
  approve = 32,
  finish = 33,
  reload = 34,
};

enum class status : std::uint8_t {
  ok = 0,
  denied = 1,
  unavailable = 2,  ///< retry later
  bad_request = 3,
  unsupported = 4,
  operator_needed = 5,
  key_changed = 6,
  failed = 7,
  too_large = 8,
};

/// The code of a refusal; none for status::ok.
[[nodiscard]] std::error_code to_error_code(status) noexcept;

struct request {
  operation what{};
  std::uint32_t id = 0;
  std::string_view key;  ///< see is_name()
  bytes_view body;
};

struct reply {
  operation what{};
  std::uint32_t id = 0;
  status outcome{};
  bytes_view body;  ///< unless `outcome` is ok: text of at most max_refusal bytes
};

/// What the bytes that were read so far amount to.
template <class Frame>
struct decoded {
  std::size_t missing = 0;  ///< at least so many more are needed: read on, and decode again from the same beginning
  std::size_t used = 0;     ///< if none is missing: `frame` is whole, and so long; what follows belongs to the next
  Frame frame{};
};

/// Decodes the frame that `read` begins with, and fails as soon as it cannot become one. After a failure nothing that follows
/// on the same connection means anything: close it.
[[nodiscard]] result<decoded<request>> decode_request(bytes_view read);
[[nodiscard]] result<decoded<reply>> decode_reply(bytes_view read);

/// Appends a frame, or changes nothing and fails: errc::bad_name, errc::too_large, errc::bad_text for a refusal.
[[nodiscard]] result<void> append(bytes& out, const request&);
[[nodiscard]] result<void> append(bytes& out, const reply&);

/// Appends a reply that refuses. Cannot fail: the text is made to fit.
void append_refusal(bytes& out, operation, std::uint32_t id, status, std::string_view text);

}  // namespace sealring::inline v0::wire
