// The public half of a key in a token, wherever the token keeps it and in whatever form.
#pragma once

#include "hsm/object_index.hpp"
#include "sealring/public_key.hpp"

namespace sealring::inline v0::hsm {

/// CKA_EC_PARAMS and CKA_EC_POINT, in all the forms that modules use: a curve as an OID or, for Ed25519, by its name; a point
/// as DER OCTET STRING, as BIT STRING, or bare. Points off the curve are refused, and so are curves described by parameters.
[[nodiscard]] sealring::result<any_public_key> read_ec_point(bytes_view params, bytes_view point);

/// From the public key object of the same id, else a certificate, else the private key's own attributes. Where several say
/// different things, none is believed: trouble::key_ambiguous. Public key objects are looked for in `known`, where it is given.
[[nodiscard]] sealring::result<any_public_key> read_public_half(const object_reader& reader, CK_OBJECT_HANDLE private_key,
                                                                const bytes& id, std::string_view label,
                                                                const object_index* known = nullptr);

}  // namespace sealring::inline v0::hsm
