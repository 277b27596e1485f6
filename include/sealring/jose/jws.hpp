// JSON Web Signatures in the flattened form (RFC 7515 section 7.2.2), as ACME uses them (RFC 8555 section 6.2).
//
// What signs a JWS is more than a signer: it also says who it is in the protected header. Three do: a key that shows itself
// (`with_jwk`), a key that the server knows (`with_kid`), and a shared secret (`hmac_key` in hmac.hpp).
#pragma once

#include "sealring/any_signer.hpp"
#include "sealring/jose/jwk.hpp"
#include "sealring/jose/name.hpp"

namespace sealring::inline v0::jose {

/// Produces a signature and knows its header members.
template <class P>
concept jws_signer = requires(const P& p, message m) {
  { p.header_members() } -> std::same_as<std::string>;  // `"alg":"ES256","kid":"..."`, in this order
  { p.sign(m) } -> std::same_as<result<bytes>>;
};

/// Shows its public key: for newAccount, and for revocation by a certificate's own key.
template <some_signer S>
struct with_jwk {
  const S& key;

  [[nodiscard]] std::string header_members() const {
    return json_member("alg", name(id_of(key))) + R"(,"jwk":)" + to_jwk(public_key_of_signer(key));
  }
  [[nodiscard]] result<bytes> sign(message m) const { return sign_bytes(key, m); }
};

/// Names itself by the account URL: for everything else.
template <some_signer S>
struct with_kid {
  const S& key;
  std::string_view kid;

  [[nodiscard]] std::string header_members() const {
    return json_member("alg", name(id_of(key))) + ',' + json_member("kid", kid);
  }
  [[nodiscard]] result<bytes> sign(message m) const { return sign_bytes(key, m); }
};

/// The protected header's other members (RFC 8555 section 6.2). An empty nonce leaves the member out, as external account
/// binding wants it.
struct acme_header {
  std::string_view nonce;
  std::string_view url;
};

/// ASCII(BASE64URL(protected) || '.' || BASE64URL(payload)): RFC 7515 section 5.1, step 8
[[nodiscard]] inline std::string signing_input(std::string_view protected_header, std::string_view payload) {
  return base64url_encode(protected_header) + '.' + base64url_encode(payload);
}

/// The flattened JSON serialization of a signing input and its signature.
[[nodiscard]] inline std::string flattened(std::string_view signing_input, bytes_view signature) {
  const std::size_t dot = signing_input.find('.');
  return '{' + json_member("payload", signing_input.substr(dot + 1)) + ',' +
         json_member("protected", signing_input.substr(0, dot)) + ',' + json_member("signature", base64url_encode(signature)) +
         '}';
}

/// Signs `payload` for one ACME request. An empty payload is a POST-as-GET (RFC 8555 section 6.3).
template <jws_signer P>
[[nodiscard]] result<std::string> sign_flattened(const P& signer, const acme_header& header, std::string_view payload) {
  std::string members = signer.header_members();
  if (!header.nonce.empty()) members += ',' + json_member("nonce", header.nonce);
  members += ',' + json_member("url", header.url);
  const std::string input = signing_input('{' + members + '}', payload);
  auto signature = signer.sign(as_bytes(input));
  if (!signature) return signature.error();
  return flattened(input, *signature);
}

}  // namespace sealring::inline v0::jose
