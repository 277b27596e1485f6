#pragma once

#include "sealring/jose/jws.hpp"

#include "sealring/base64url.hpp"

namespace sealring::inline v0::jose {

SEALRING_INLINE std::string signing_input(std::string_view protected_header, std::string_view payload) {
  std::string text;
  text.reserve(base64url_size(protected_header.size()) + 1 + base64url_size(payload.size()) + detail::usual_rest);
  base64url_append(text, as_bytes(protected_header));
  text += '.';
  base64url_append(text, as_bytes(payload));
  return text;
}

SEALRING_INLINE std::string flattened(std::string signing_input, bytes_view signature) {
  signing_input.replace(signing_input.find('.'), 1, R"(","payload":")").insert(0, R"({"protected":")");
  base64url_append(signing_input += R"(","signature":")", signature);
  signing_input += "\"}";
  return signing_input;
}

SEALRING_INLINE std::string compact(std::string signing_input, bytes_view signature) {
  base64url_append(signing_input += '.', signature);
  return signing_input;
}

}  // namespace sealring::inline v0::jose
