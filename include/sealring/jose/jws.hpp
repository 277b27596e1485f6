// Making JSON Web Signatures (RFC 7515): flattened, as ACME uses them (RFC 8555 section 6.2), or compact; either with the
// payload or, where both sides have it anyway, without (appendix F). Read by read_jws.hpp, verified by verify_jws.hpp.
//
// What signs a JWS is more than a signer: it also says who it is in the protected header. Three do: a key that shows itself
// (`with_jwk`), a key that the other side knows (`with_kid`), and a shared secret (`hmac_key` in hmac.hpp).
#pragma once

#include "sealring/any_signer.hpp"
#include "sealring/jose/jwk.hpp"
#include "sealring/jose/name.hpp"

namespace sealring::inline v0::jose {

/// Has members for a protected header.
template <class H>
concept header_source = requires(const H& h, object_writer& header) { h.add_to(header); };

/// Produces a signature and knows its header members.
template <class P>
concept jws_signer = header_source<P> && requires(const P& p, message m) {
  { p.sign(m) } -> std::same_as<result<bytes>>;  // what goes into "signature"
};

/// Shows its public key: for newAccount, and for revocation by a certificate's own key.
template <some_signer S>
struct with_jwk {
  const S& key;

  void add_to(object_writer& header) const {
    header.text("alg", name(id_of(key))).json("jwk", to_jwk(public_key_of_signer(key)));
  }
  [[nodiscard]] result<bytes> sign(message m) const { return sign_bytes(key, m); }
};

/// Names itself, in ACME by the account URL: for everything else.
template <some_signer S>
struct with_kid {
  const S& key;
  std::string_view kid;

  void add_to(object_writer& header) const { header.text("alg", name(id_of(key))).text("kid", kid); }
  [[nodiscard]] result<bytes> sign(message m) const { return sign_bytes(key, m); }
};

/// The protected header's other members in ACME (RFC 8555 section 6.2). An empty nonce leaves the member out, as external
/// account binding wants it.
struct acme_header {
  std::string_view nonce;
  std::string_view url;

  void add_to(object_writer& header) const {
    if (!nonce.empty()) header.text("nonce", nonce);
    header.text("url", url);
  }
};

/// The protected header's other members elsewhere: `header_parameters{}.text("typ", "JWT")`. "alg" and what else the signer
/// says of itself are not to be repeated. RFC 7515 section 4: "The Header Parameter names within the JOSE Header MUST be
/// unique".
class header_parameters {
public:
  header_parameters& text(std::string_view name, std::string_view value) {
    members_.emplace_back(name, json_string(value));
    return *this;
  }
  /// A value that is JSON already, which the caller answers for.
  header_parameters& json(std::string_view name, std::string_view value) {
    members_.emplace_back(name, value);
    return *this;
  }

  void add_to(object_writer& header) const {
    for (const auto& [name, value] : members_) header.json(name, value);
  }

private:
  std::vector<std::pair<std::string, std::string>> members_;
};

namespace detail {

// Room that is asked for once: a header with a P-256 or RSA-2048 key in it, and what the flattened form adds to the signing
// input, with an RSA-4096 signature.
inline constexpr std::size_t usual_header = 640;
inline constexpr std::size_t usual_rest = 768;

}  // namespace detail

/// ASCII(BASE64URL(protected) || '.' || BASE64URL(payload)): RFC 7515 section 5.1, step 8
[[nodiscard]] std::string signing_input(std::string_view protected_header, std::string_view payload);

/// The same with a header that the signer and the caller fill, in this order.
template <header_source P, header_source H = acme_header>
[[nodiscard]] std::string signing_input(const P& signer, const H& parameters, std::string_view payload) {
  std::string text;
  text.reserve(detail::usual_header);
  object_writer header{text};
  signer.add_to(header);
  parameters.add_to(header);
  header.close();
  return signing_input(text, payload);
}

/// The flattened JSON serialization (RFC 7515 section 7.2.2) of a signing input and its signature.
[[nodiscard]] std::string flattened(std::string signing_input, bytes_view signature);

/// The compact serialization (RFC 7515 section 7.1) of a signing input and its signature.
[[nodiscard]] std::string compact(std::string signing_input, bytes_view signature);

namespace detail {

struct signed_input {
  std::string input;
  bytes signature;
};

template <jws_signer P, header_source H>
result<signed_input> sign_jws(const P& signer, const H& header, std::string_view payload) {
  std::string input = signing_input(signer, header, payload);
  auto signature = signer.sign(as_bytes(input));
  if (!signature) return signature.error();
  return signed_input{std::move(input), *std::move(signature)};
}

}  // namespace detail

/// A JWS in the flattened form, such as the body of an ACME request. There, an empty payload is a POST-as-GET (RFC 8555 section
/// 6.3).
template <jws_signer P, header_source H = acme_header>
[[nodiscard]] result<std::string> sign_flattened(const P& signer, const H& header, std::string_view payload) {
  auto done = detail::sign_jws(signer, header, payload);
  if (!done) return done.error();
  return flattened(std::move(done->input), done->signature);
}

/// The same in the compact form.
template <jws_signer P, header_source H = header_parameters>
[[nodiscard]] result<std::string> sign_compact(const P& signer, const H& header, std::string_view payload) {
  auto done = detail::sign_jws(signer, header, payload);
  if (!done) return done.error();
  return compact(std::move(done->input), done->signature);
}

/// The same without the payload, which is signed nevertheless: the other side must have it from elsewhere (RFC 7515 appendix
/// F).
template <jws_signer P, header_source H = header_parameters>
[[nodiscard]] result<std::string> sign_flattened_detached(const P& signer, const H& header, std::string_view payload) {
  auto done = detail::sign_jws(signer, header, payload);
  if (!done) return done.error();
  std::string text;
  object_writer jws{text};
  jws.text("protected", std::string_view{done->input}.substr(0, done->input.find('.'))).base64url("signature", done->signature);
  jws.close();
  return text;
}

template <jws_signer P, header_source H = header_parameters>
[[nodiscard]] result<std::string> sign_compact_detached(const P& signer, const H& header, std::string_view payload) {
  auto done = detail::sign_jws(signer, header, payload);
  if (!done) return done.error();
  done->input.erase(done->input.find('.') + 1);
  return compact(std::move(done->input), done->signature);
}

}  // namespace sealring::inline v0::jose

#ifndef SEALRING_COMPILED
#include "sealring/jose/impl/jws.ipp"
#endif
