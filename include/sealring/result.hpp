// How sealring fails: result<T>, codes that say what happened, conditions that say what to do.
//
// Every function that can fail returns result<T>. Nothing throws but result::value(). Log the code; decide on the condition:
//
//   if (auto signature = sign(key, message)) use(*signature);
//   else if (signature.error() == condition::retry_later) come_back();
#pragma once

#include "sealring/basic_result.hpp"

#include <cstddef>
#include <new>
#include <string>
#include <system_error>

namespace sealring::inline v0 {

template <class T>
using result = basic_result<T, std::error_code>;

/// What the caller should do about a failure. Compare any sealring error code with these.
enum class condition {
  retry_later = 1,  ///< passing: the same call may succeed later
  operator_needed,  ///< a person must act first (a PIN, a token, a file); never retry by yourself
  denied,           ///< refused by a rule; the same call will be refused again
  unsupported,      ///< this token, key or peer cannot do it
  bad_input,        ///< the caller's data is wrong
  peer_fault,       ///< the other side (CA, module, file) answered something it must not
};

/// What happened, in the toolkit's own core.
enum class errc {
  bad_base64url = 1,      ///< RFC 4648 section 5: alphabet, padding or trailing bits
  bad_length,             ///< a value has not the length its type requires
  bad_public_key,         ///< SubjectPublicKeyInfo or key parameters that cannot be read
  unsupported_key,        ///< a key type or curve sealring has no algorithm for
  wrong_key_type,         ///< the key exists, but not of the type that the algorithm needs
  bad_der,                ///< DER that is malformed or not canonical
  bad_pem,                ///< RFC 7468 text without the expected block
  bad_signature,          ///< a signature that does not verify; deliberately without detail
  bad_name,               ///< not a name or address that a certificate can carry
  bad_certificate,        ///< an X.509 certificate that cannot be read
  chain_out_of_order,     ///< a certificate chain in which a member was not issued by its successor
  bad_json,               ///< JSON without the members that the RFC requires
  crypto_library_failed,  ///< libcrypto refused an operation that cannot fail on valid input
  bad_crl,                ///< a certificate revocation list that cannot be read, or that another issued
  unsupported_crl,        ///< an indirect or delta CRL, or one with a critical extension that sealring does not know
  crl_not_current,        ///< a CRL of the past or of the future
  crl_out_of_scope,       ///< a CRL that says nothing of the certificate in question
  bad_sct_list,           ///< signed certificate timestamps (RFC 6962) that cannot be read
  bad_csr,                ///< a certification request that cannot be read
  bad_extension,          ///< an X.509 extension without an OID, or one that stands there twice
  bad_jws,                ///< not a JSON Web Signature (RFC 7515) in the form that was asked for
  secret_in_jwk,          ///< a JWK with private or symmetric members where a public key belongs
  unsupported_algorithm,  ///< a JWS whose "alg" is none of sealring's, or none that the caller or the key allows
  unsupported_extension,  ///< a JWS that must not be taken without an extension that sealring has not ("crit", "b64")
};

namespace detail {
/// A static without a destructor: the last calls into a shared object may come after those of its statics have run.
template <class T>
const T& never_destroyed() noexcept {
  alignas(T) static std::byte room[sizeof(T)];
  static const T& one = *::new (static_cast<void*>(room)) T;
  return one;
}
}  // namespace detail

inline const std::error_category& condition_category() noexcept {
  struct category final : std::error_category {
    const char* name() const noexcept override { return "sealring.condition"; }
    std::string message(int value) const override {
      switch (static_cast<condition>(value)) {
        case condition::retry_later: return "try again later";
        case condition::operator_needed: return "an operator must act";
        case condition::denied: return "denied";
        case condition::unsupported: return "unsupported";
        case condition::bad_input: return "bad input";
        case condition::peer_fault: return "the peer is at fault";
      }
      return "unknown condition";
    }
  };
  return detail::never_destroyed<category>();
}

inline std::error_condition make_error_condition(condition c) noexcept { return {static_cast<int>(c), condition_category()}; }

inline const std::error_category& core_category() noexcept {
  struct category final : std::error_category {
    const char* name() const noexcept override { return "sealring"; }
    std::string message(int value) const override {
      switch (static_cast<errc>(value)) {
        case errc::bad_base64url: return "not base64url as RFC 7515 wants it";
        case errc::bad_length: return "a value has the wrong length";
        case errc::bad_public_key: return "the public key cannot be read";
        case errc::unsupported_key: return "this key type or curve is not supported";
        case errc::wrong_key_type: return "the key is not of the type that the algorithm needs";
        case errc::bad_der: return "malformed DER";
        case errc::bad_pem: return "the PEM block that was expected is not there";
        case errc::bad_signature: return "the signature does not verify";
        case errc::bad_name: return "not a name or address that a certificate can carry";
        case errc::bad_certificate: return "the certificate cannot be read";
        case errc::chain_out_of_order: return "the certificate chain is not in issuing order";
        case errc::bad_json: return "the JSON lacks a member, or one has the wrong type";
        case errc::crypto_library_failed: return "libcrypto refused the operation";
        case errc::bad_crl: return "not a CRL of the certificate's issuer";
        case errc::unsupported_crl: return "this kind of CRL is not supported";
        case errc::crl_not_current: return "the CRL is not of the present time";
        case errc::crl_out_of_scope: return "the CRL does not cover the certificate";
        case errc::bad_sct_list: return "the certificate's signed timestamps (SCTs) cannot be read";
        case errc::bad_csr: return "the certification request cannot be read";
        case errc::bad_extension: return "an extension has no OID, or stands there twice";
        case errc::bad_jws: return "not a JSON Web Signature of the form that is expected";
        case errc::secret_in_jwk: return "the JWK shows a secret where a public key belongs";
        case errc::unsupported_algorithm: return "this signature algorithm is not supported or not allowed here";
        case errc::unsupported_extension: return "the JWS demands an extension that is not supported";
      }
      return "unknown error";
    }
    std::error_condition default_error_condition(int value) const noexcept override {
      switch (static_cast<errc>(value)) {
        case errc::unsupported_key:
        case errc::unsupported_crl:
        case errc::unsupported_algorithm:
        case errc::unsupported_extension: return make_error_condition(condition::unsupported);
        case errc::bad_signature:
        case errc::bad_certificate:
        case errc::chain_out_of_order:
        case errc::bad_json:
        case errc::bad_crl:
        case errc::crl_not_current:
        case errc::crl_out_of_scope:
        case errc::bad_sct_list:
        case errc::bad_csr:
        case errc::bad_jws:
        case errc::secret_in_jwk: return make_error_condition(condition::peer_fault);
        case errc::crypto_library_failed: return make_error_condition(condition::operator_needed);
        default: return make_error_condition(condition::bad_input);
      }
    }
  };
  return detail::never_destroyed<category>();
}

inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), core_category()}; }

/// The one way to return a failure, so that a later move to std::expected changes this line only.
template <class E>
  requires std::is_error_code_enum<E>::value
std::error_code fail(E e) noexcept {
  return make_error_code(e);
}

}  // namespace sealring::inline v0

template <>
struct std::is_error_code_enum<sealring::errc> : std::true_type {};
template <>
struct std::is_error_condition_enum<sealring::condition> : std::true_type {};
