#pragma once

#include "sealring/jose/read_jws.hpp"

#include "sealring/base64url.hpp"

namespace sealring::inline v0::jose {

namespace detail {

/// The parts as they were sent. No protected header or payload is something else than an empty one.
struct jws_text {
  std::optional<std::string_view> protected_header;
  json::object header;
  std::optional<std::string_view> payload;
  std::string_view signature;
};

/// Appendix F: a payload that is not in the JWS is given by the caller; one that is there twice would have two meanings.
inline result<jws> decode(jws_text text, std::optional<bytes_view> detached) {
  jws out;
  out.header = std::move(text.header);
  if (text.protected_header) {
    const auto decoded = base64url_decode(*text.protected_header);
    if (!decoded) return decoded.error();
    auto object = read_object(as_text(*decoded));
    if (!object) return object.error();
    if (object->empty()) return fail(errc::bad_jws);  // section 7.2.1: "otherwise, it MUST be absent"
    out.protected_header = *std::move(object);
  }
  if (detached && text.payload == "") text.payload.reset();
  if (text.payload.has_value() == detached.has_value()) return fail(errc::bad_jws);
  auto payload = text.payload ? base64url_decode(*text.payload) : bytes(detached->begin(), detached->end());
  if (!payload) return payload.error();
  out.payload = *std::move(payload);
  auto signature = base64url_decode(text.signature);
  if (!signature) return signature.error();
  out.signature = *std::move(signature);
  out.signing_input = std::string{text.protected_header.value_or("")} + '.';
  if (detached) base64url_append(out.signing_input, *detached);
  else out.signing_input += *text.payload;

  // Section 7.2.1: "The Header Parameter names in the two locations MUST be disjoint"
  for (const auto& member : out.header)
    if (out.protected_header.contains(member.key())) return fail(errc::bad_jws);
  if (out.alg().empty()) return fail(errc::bad_jws);  // section 4.1.1: "This Header Parameter MUST be present"
  // Section 4.1.11: "If any of the listed extension Header Parameters are not understood and supported by the recipient, then
  // the JWS is invalid." And RFC 7797 section 6 has "b64" listed there.
  if (out.parameter("crit") != nullptr || out.parameter("b64") != nullptr) return fail(errc::unsupported_extension);
  return out;
}

}  // namespace detail

SEALRING_INLINE result<jws> read_compact(std::string_view text, std::optional<bytes_view> detached) {
  if (text.size() > largest_text) return fail(errc::bad_jws);
  const std::size_t first = text.find('.');
  const std::size_t last = text.rfind('.');
  if (first == last || text.find('.', first + 1) != last) return fail(errc::bad_jws);
  return detail::decode({text.substr(0, first), {}, text.substr(first + 1, last - first - 1), text.substr(last + 1)}, detached);
}

SEALRING_INLINE result<jws> read_flattened(json::object object, std::optional<bytes_view> detached) {
  if (object.contains("signatures")) return fail(errc::bad_jws);  // "MUST NOT be present when using this syntax"
  detail::jws_text parts;
  const auto protected_header = optional_text(object, "protected");
  if (!protected_header) return protected_header.error();
  parts.protected_header = *protected_header;
  const auto payload = optional_text(object, "payload");
  if (!payload) return payload.error();
  parts.payload = *payload;
  const auto signature = required_text(object, "signature");
  if (!signature) return signature.error();
  parts.signature = *signature;
  if (json::value* header = object.if_contains("header")) {
    if (!header->is_object() || header->get_object().empty()) return fail(errc::bad_jws);
    parts.header = std::move(header->get_object());
  }
  return detail::decode(std::move(parts), detached);
}

SEALRING_INLINE result<jws> read_flattened(std::string_view text, std::optional<bytes_view> detached) {
  auto object = read_object(text);
  if (!object) return object.error();
  return read_flattened(*std::move(object), detached);
}

SEALRING_INLINE const json::value* jws::parameter(std::string_view name) const {
  const json::value* found = protected_header.if_contains(name);
  return found != nullptr ? found : header.if_contains(name);
}

SEALRING_INLINE std::string_view jws::alg() const {
  const json::value* value = parameter("alg");
  const json::string* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string_view{text->data(), text->size()} : std::string_view{};
}

}  // namespace sealring::inline v0::jose
