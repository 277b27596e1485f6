// Writing JSON needs no library: this much is enough for JOSE. (Reading it does: see read_json.hpp.)
#pragma once

#include "sealring/bytes.hpp"

namespace sealring::inline v0::jose {

/// Appends a JSON string with its quotes (RFC 8259 section 7).
void append_json_string(std::string& out, std::string_view text);

/// A JSON string with its quotes.
[[nodiscard]] std::string json_string(std::string_view text);

/// `"name":"value"`, without a comma.
[[nodiscard]] std::string json_member(std::string_view name, std::string_view value);

/// Appends one JSON object to a text, member by member, in the order of the calls and without white space. The text must
/// outlive it. Whoever opened it closes it.
class object_writer {
public:
  explicit object_writer(std::string& out) : out_{out} { out_ += '{'; }

  object_writer& text(std::string_view name, std::string_view value);

  object_writer& base64url(std::string_view name, bytes_view value);

  /// A value that is JSON already, which the caller answers for.
  object_writer& json(std::string_view name, std::string_view value);

  void close() { out_ += '}'; }

private:
  void key(std::string_view name);

  std::string& out_;
};

}  // namespace sealring::inline v0::jose

#ifndef SEALRING_COMPILED
#include "sealring/jose/impl/json_text.ipp"
#endif
