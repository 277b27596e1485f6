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
//     jose/jws.hpp         making JSON Web Signatures            jose/jwk.hpp     JWK and thumbprint
//     jose/hmac.hpp        HMAC, for external account binding    jose/name.hpp    "ES256", ...
//   jose_read, needs jose and Boost.JSON (link it; never include boost/json/src.hpp in more than one file)
//     jose/read_jws.hpp    reading them                          jose/verify_jws.hpp    and verifying them
//     jose/read_jwk.hpp    reading JWKs                          jose/read_jwk_set.hpp  read_hmac_key.hpp  read_json.hpp
//   x509, needs core
//     x509/csr.hpp         certification requests, made         x509/certification_request.hpp   and read
//     x509/certificate.hpp reading certificates                 x509/chain.hpp    chains, built and chosen by root
//     x509/crl.hpp         revocation lists                     x509/sct.hpp      certificate transparency, checked offline
//     x509/tls_alpn.hpp    what tls-alpn-01 shows               x509/identifier.hpp      DNS names and IP addresses
//     x509/subject_alt_name.hpp  extension.hpp  distinguished_name.hpp  time.hpp  what requests and certificates are made of
//   acme, needs jose_read and x509
//     acme/client.hpp      the blocking client: from names to a certificate
//     acme/exchange.hpp    the same without I/O: requests out, responses in
//     acme/http.hpp        the concept `http::client`: bring your own HTTP stack
//     acme/solver.hpp      the concept `challenge_solver`: bring what makes a validation succeed
//     acme/account.hpp  order.hpp  authorization.hpp  challenge.hpp  issued_certificate.hpp  renewal_info.hpp  key_change.hpp
//          revocation.hpp  directory.hpp  problem.hpp  auto_renewal.hpp      the resources, and what is asked of them
//     acme/caa.hpp         who may issue for a name              acme/dns_persist.hpp    the record of dns-persist-01
//     acme/revocation_status.hpp   one's own certificate, looked up in the CRLs that it names
//     acme/ct_log_list.hpp         the CT logs that browsers know, read from their list
//     acme/timestamp.hpp   RFC 3339
//     acme/operations.hpp  connection.hpp  blocking.hpp    the client's parts
//   compiled, needs acme: headers that declare, and a library that has the bodies; src.hpp is what that compiles
//   asio, needs acme and standalone Asio; not included here
//     acme/async_client.hpp        the client that never blocks, for any completion token
//     offload.hpp          a signer that blocks, elsewhere       batched.hpp      several signatures in one call
//     acme/offloaded_solver.hpp    a solver that blocks, elsewhere
//   http/curl.hpp, needs acme and libcurl; http/curl_asio.hpp, needs asio, too; not included here
//
// Conventions, said once
//
//   Errors    Functions that can fail return result<T>; nothing throws but result::value(), and std::bad_alloc. Codes say what
//             happened, `condition` says what to do. ACME's failures carry the server's whole problem document.
//   Threads   A const member function may be called from many threads at once; others may not. Handles (signers, keys,
//             certificates) are cheap to copy and share what they hold.
//   Blocking  Signing may block, and so does every function of acme::client. Nothing else does. What is named async_ never
//             blocks: it takes what it needs by value, and what it is lent must outlive the operation.
//   Lifetime  Views (bytes_view, message, std::string_view) must outlive the call they are given to, and no longer.
//   Bytes     Integers are big-endian; EC coordinates and ECDSA signatures (r||s) have fixed width; DER only where it is named.
//   Names     As the RFCs have them. Sections in comments are of the document that a header's first lines name, in acme/ else
//             of RFC 8555: docs/standards.md has them all.
//   Resources What a CA sends is read member by member, and kept whole as `source`: to_json writes back what it does not know.
//   Versions  Everything is in an inline namespace (v0), raised when a layout or a meaning changes. No macro changes it.
#pragma once

#include "sealring/acme/caa.hpp"
#include "sealring/acme/client.hpp"
#include "sealring/acme/ct_log_list.hpp"
#include "sealring/acme/dns_persist.hpp"
#include "sealring/acme/revocation_status.hpp"
#include "sealring/jose/read_hmac_key.hpp"
#include "sealring/jose/read_jwk_set.hpp"
#include "sealring/jose/verify_jws.hpp"
#include "sealring/software_key.hpp"
#include "sealring/verified.hpp"
#include "sealring/x509/certification_request.hpp"
#include "sealring/x509/chain.hpp"
#include "sealring/x509/tls_alpn.hpp"
