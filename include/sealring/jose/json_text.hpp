// Writing JSON needs no library: this much is enough for JOSE. (Reading it does: see read_json.hpp.)
#pragma once

#include "sealring/base64url.hpp"

namespace sealring::inline v0::jose {

/// Appends a JSON string with its quotes (RFC 8259 section 7).
inline void append_json_string(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto u = static_cast<unsigned char>(text[i]);
    if (u >= 0x20 && u != '"' && u != '\\') continue;
    out.append(text, copied, i - copied);
    if (u < 0x20) ((out += "\\u00") += hex[u >> 4]) += hex[u & 15];
    else (out += '\\') += text[i];
    copied = i + 1;
  }
  out.append(text, copied);
  out += '"';
}

/// A JSON string with its quotes.
[[nodiscard]] inline std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

/// `"name":"value"`, without a comma.
[[nodiscard]] inline std::string json_member(std::string_view name, std::string_view value) {
  return json_string(name) + ':' + json_string(value);
}

/// Appends one JSON object to a text, member by member, in the order of the calls and without white space. The text must
/// outlive it. Whoever opened it closes it.
class object_writer {
public:
  explicit object_writer(std::string& out) : out_{out} { out_ += '{'; }

  object_writer& text(std::string_view name, std::string_view value) {
    key(name);
    append_json_string(out_, value);
    return *this;
  }

  object_writer& base64url(std::string_view name, bytes_view value) {
    key(name);
    out_ += '"';
    base64url_append(out_, value);
    out_ += '"';
    return *this;
  }

  /// A value that is JSON already, which the caller answers for.
  object_writer& json(std::string_view name, std::string_view value) {
    key(name);
    out_ += value;
    return *this;
  }

  void close() { out_ += '}'; }

private:
  void key(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    append_json_string(out_, name);
    out_ += ':';
  }

  std::string& out_;
};

}  // namespace sealring::inline v0::jose
