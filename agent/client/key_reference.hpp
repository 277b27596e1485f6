// What stands in privkey.pem instead of a key: where the keeper is, and which key is meant. No secret.
//
//   SealringKeyReference ::= SEQUENCE {
//     version   UTF8String,                        -- "sealring-reference-1"
//     key       UTF8String,                        -- see wire::is_name()
//     sockets   SEQUENCE SIZE (1..8) OF UTF8String,  -- absolute paths, or "@" and an abstract name, in the order to try
//     agent     INTEGER,                           -- the uid that listens there
//     spki      SubjectPublicKeyInfo }             -- RFC 5280 section 4.1
//
// The public key is in it so that a server loads it without asking anybody, and a certificate of another key is found out
// at once. In PEM (RFC 7468) its label is "SEALRING KEY REFERENCE".
#pragma once

#include "agent/client/refusal.hpp"
#include "sealring/bytes.hpp"

#include <sys/types.h>

#include <vector>

namespace sealring::inline v0::client {

inline constexpr const char* key_reference_label = "SEALRING KEY REFERENCE";

/// What a reference says.
struct key_reference {
  std::string key{};
  std::vector<std::string> sockets{};
  uid_t agent = 0;
  bytes spki{};
  friend bool operator==(const key_reference&, const key_reference&) = default;
};

/// DER. wire::errc::bad_name, bad_address, bad_value for what no reference may hold.
[[nodiscard]] result<bytes> to_der(const key_reference&);
[[nodiscard]] result<std::string> to_pem(const key_reference&);

/// Takes what to_der() makes and nothing else; says what is wrong with the rest. The SPKI is only seen to be a SEQUENCE.
[[nodiscard]] result<key_reference> read_key_reference(bytes_view der);

/// Whether the data says that it is a reference, of whatever version, and however damaged.
[[nodiscard]] bool claims_to_be_key_reference(bytes_view der) noexcept;

}  // namespace sealring::inline v0::client
