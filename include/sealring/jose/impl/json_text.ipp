#pragma once

#include "sealring/jose/json_text.hpp"

#include "sealring/base64url.hpp"

namespace sealring::inline v0::jose {

SEALRING_INLINE void append_json_string(std::string& out, std::string_view text) {
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

SEALRING_INLINE std::string json_string(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

SEALRING_INLINE std::string json_member(std::string_view name, std::string_view value) {
  return json_string(name) + ':' + json_string(value);
}

SEALRING_INLINE object_writer& object_writer::text(std::string_view name, std::string_view value) {
  key(name);
  append_json_string(out_, value);
  return *this;
}

SEALRING_INLINE object_writer& object_writer::base64url(std::string_view name, bytes_view value) {
  key(name);
  out_ += '"';
  base64url_append(out_, value);
  out_ += '"';
  return *this;
}

SEALRING_INLINE object_writer& object_writer::json(std::string_view name, std::string_view value) {
  key(name);
  out_ += value;
  return *this;
}

SEALRING_INLINE void object_writer::key(std::string_view name) {
  if (out_.back() != '{') out_ += ',';
  append_json_string(out_, name);
  out_ += ':';
}

}  // namespace sealring::inline v0::jose
