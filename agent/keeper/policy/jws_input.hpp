// The JWS signing input of an ACME request: BASE64URL(protected header) '.' BASE64URL(payload) (RFC 7515 section 5.1).
#pragma once

#include "agent/keeper/policy/strict_json.hpp"
#include "sealring/bytes.hpp"

#include <optional>
#include <string>
#include <variant>

namespace sealring::agent::policy {

/// RFC 8555 section 6.2: these members and no other.
struct jws_header {
  std::string alg;
  std::optional<std::string> nonce;  ///< absent in the inner JWS of keyChange (section 7.3.5) and nowhere else
  std::string url;
  std::variant<json::object, std::string> key;  ///< the "jwk", or the "kid"

  [[nodiscard]] const json::object* jwk() const noexcept { return std::get_if<json::object>(&key); }
  [[nodiscard]] const std::string* kid() const noexcept { return std::get_if<std::string>(&key); }
};

struct jws_input {
  jws_header header;
  std::string payload;  ///< decoded; what it means is acme_request's
};

[[nodiscard]] result<jws_header> parse_jws_header(std::string_view base64url);

/// Canonical base64url, exactly one '.', a header as above.
[[nodiscard]] result<jws_input> parse_jws_input(bytes_view);

}  // namespace sealring::agent::policy
