// sealring: ACME, JOSE and CSRs for keys that you can sign with and cannot read. The front page, and an include of everything.
//
// Which header for what
//
//   core, needs libcrypto
//     signer.hpp           the concept `signer`: read this one first
//     algorithm.hpp        es256, es384, es512, rs256, ps256, eddsa
//     any_signer.hpp       a signer whose algorithm is known at run time
//     software_key.hpp     any EVP_PKEY as a signer, and so any OpenSSL 3 provider's key
//     verified.hpp         signatures checked; a signer that lets out no bad one
//     public_key.hpp       keys as values, SubjectPublicKeyInfo
//     public_key_types.hpp  basic_result.hpp
//     digest.hpp  bytes.hpp  base64url.hpp  pem.hpp  ecdsa_der.hpp  result.hpp  config.hpp
//   jose, needs core
//     jose/jws.hpp         flattened JSON Web Signatures         jose/jwk.hpp     JWK and thumbprint
//     jose/hmac.hpp        HMAC, for external account binding    jose/name.hpp    "ES256", ...
//   x509, needs core
//     x509/csr.hpp         certification requests                x509/certificate.hpp    reading certificates and chains
//     x509/crl.hpp         revocation lists                      x509/sct.hpp     certificate transparency, checked offline
//     x509/tls_alpn.hpp    what tls-alpn-01 shows                x509/identifier.hpp     DNS names and IP addresses
//   acme, needs jose, x509 and Boost.JSON (link it; never include boost/json/src.hpp in more than one file)
//     acme/client.hpp      the blocking client: from names to a certificate
//     acme/exchange.hpp    the same without I/O: requests out, responses in
//     acme/http.hpp        the concept `http::client`: bring your own HTTP stack
//     acme/solver.hpp      the concept `challenge_solver`: bring what makes a validation succeed
//     acme/account.hpp  order.hpp  authorization.hpp  challenge.hpp  issued_certificate.hpp  renewal_info.hpp  key_change.hpp
//          revocation.hpp  directory.hpp  problem.hpp
//     acme/timestamp.hpp   RFC 3339                              acme/blocking.hpp  connection.hpp    the client's parts
//   http/curl.hpp, needs acme and libcurl; not included here
//
// Conventions, said once
//
//   Errors    Functions that can fail return result<T>; nothing throws but result::value(), and std::bad_alloc. Codes say what
//             happened, `condition` says what to do. ACME's failures carry the server's whole problem document.
//   Threads   A const member function may be called from many threads at once; others may not. Handles (signers, keys,
//             certificates) are cheap to copy and share what they hold.
//   Blocking  Signing may block, and so does every function of acme::client. Nothing else does.
//   Lifetime  Views (bytes_view, message, std::string_view) must outlive the call they are given to, and no longer.
//   Bytes     Integers are big-endian; EC coordinates and ECDSA signatures (r||s) have fixed width; DER only where it is named.
//   Names     As the RFCs have them. Sections in comments are of RFC 8555 in acme/, else of the RFC named there.
//   Versions  Everything is in an inline namespace (v0), raised when a layout or a meaning changes. No macro configures it.
#pragma once

#include "sealring/acme/client.hpp"
#include "sealring/jose/hmac.hpp"
#include "sealring/software_key.hpp"
#include "sealring/verified.hpp"
