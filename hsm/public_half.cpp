#include "hsm/public_half.hpp"

#include <openssl/asn1.h>
#include <openssl/ec.h>
#include <openssl/err.h>

#include <algorithm>

namespace sealring::inline v0::hsm {

namespace {

/// The content of one DER value of this tag that fills `der`; nothing otherwise.
std::optional<bytes_view> unwrap(bytes_view der, int wanted_tag) {
  const unsigned char* at = der.data();
  long size = 0;
  int tag = 0;
  int tag_class = 0;
  const int how = ASN1_get_object(&at, &size, &tag, &tag_class, static_cast<long>(der.size()));
  ERR_clear_error();
  if ((how & 0x80) != 0 || how == 0x21 || tag_class != V_ASN1_UNIVERSAL || tag != wanted_tag) return std::nullopt;
  if (at + size != der.data() + der.size()) return std::nullopt;
  return bytes_view{at, static_cast<std::size_t>(size)};
}

int curve_of(bytes_view params) {
  if (unwrap(params, V_ASN1_OBJECT)) {
    const sealring::detail::owned<ASN1_OBJECT, ASN1_OBJECT_free> oid =
        sealring::detail::from_der<sealring::detail::owned<ASN1_OBJECT, ASN1_OBJECT_free>, d2i_ASN1_OBJECT>(params);
    return oid ? OBJ_obj2nid(oid.get()) : NID_undef;
  }
  // PKCS#11 v3.0 section 2.3.5 lets the Edwards curves be given as a PrintableString of RFC 8032's name for the curve.
  const auto name = unwrap(params, V_ASN1_PRINTABLESTRING);
  return name && as_text(*name) == "edwards25519" ? NID_ED25519 : NID_undef;
}

/// The point itself, if it can be had in `size` octets.
std::optional<bytes_view> bare_point(bytes_view point, std::size_t size) {
  if (point.size() == size) return point;
  auto inner = unwrap(point, V_ASN1_OCTET_STRING);
  if (!inner) {
    inner = unwrap(point, V_ASN1_BIT_STRING);
    if (!inner || inner->empty() || inner->front() != 0) return std::nullopt;  // the number of unused bits
    inner = inner->subspan(1);
  }
  if (inner->size() != size) return std::nullopt;
  return inner;
}

// By hand, since a key made of an SPKI takes OpenSSL 3 a quarter of a millisecond: there are tokens with ten thousand.
template <class Curve>
bool is_on_curve(bytes_view point) {
  static const sealring::detail::owned<EC_GROUP, EC_GROUP_free> group{EC_GROUP_new_by_curve_name(Curve::nid)};
  const sealring::detail::owned<EC_POINT, EC_POINT_free> read{group ? EC_POINT_new(group.get()) : nullptr};
  const bool good = read && EC_POINT_oct2point(group.get(), read.get(), point.data(), point.size(), nullptr) == 1 &&
                    EC_POINT_is_on_curve(group.get(), read.get(), nullptr) == 1;
  ERR_clear_error();
  return good;
}

template <class Curve>
sealring::result<any_public_key> weierstrass(bytes_view point) {
  const auto bare = bare_point(point, 1 + 2 * Curve::size);
  if (!bare || bare->front() != 4) return fail(trouble::key_unreadable);
  ec_public_key<Curve> key;
  std::ranges::copy(bare->subspan(1, Curve::size), key.x.begin());
  std::ranges::copy(bare->subspan(1 + Curve::size), key.y.begin());
  if (!is_on_curve<Curve>(*bare)) return fail(sealring::errc::bad_public_key);
  return key;
}

bytes without_leading_zeros(bytes_view number) {
  while (!number.empty() && number.front() == 0) number = number.subspan(1);
  return {number.begin(), number.end()};
}

/// What the sources have said so far: usually one thing.
using sayings = std::vector<any_public_key>;
using heard = sealring::result<void>;

heard note(sayings& said, sealring::result<any_public_key> key) {
  if (!key) return key.error();
  said.push_back(*std::move(key));
  return {};
}

/// From a public key object, or from the public attributes that some tokens show on a private key.
heard from_attributes(const object_reader& reader, CK_OBJECT_HANDLE object, std::optional<CK_ULONG> type, sayings& said) {
  const bool rsa = type == CKK_RSA;
  static constexpr CK_ATTRIBUTE_TYPE of_rsa[]{CKA_MODULUS, CKA_PUBLIC_EXPONENT}, of_ec[]{CKA_EC_PARAMS, CKA_EC_POINT};
  const auto values = reader.read(object, rsa ? of_rsa : of_ec);
  if (!values) return values.error();
  const auto &first = values->front(), &second = values->back();
  if (!first || !second || first->empty() || second->empty()) return {};
  if (!rsa) return note(said, read_ec_point(*first, *second));
  auto spki = to_spki(rsa_public_key{without_leading_zeros(*first), without_leading_zeros(*second)});
  if (!spki) return spki.error();
  return note(said, from_spki(*spki));
}

heard from_attributes(const object_reader& reader, CK_OBJECT_HANDLE object, sayings& said) {
  const auto type = reader.read_number(object, CKA_KEY_TYPE);
  if (!type) return type.error();
  return from_attributes(reader, object, *type, said);
}

heard from_certificate(const object_reader& reader, CK_OBJECT_HANDLE object, sayings& said) {
  const auto der = reader.read(object, CKA_VALUE);
  if (!der) return der.error();
  if (!*der || (*der)->empty()) return {};
  const auto certificate = sealring::detail::from_der<sealring::detail::x509, d2i_X509>(**der);
  if (!certificate) return fail(trouble::key_unreadable);
  return note(said, from_spki(sealring::detail::to_der<i2d_X509_PUBKEY>(X509_get_X509_PUBKEY(certificate.get()))));
}

/// From every object of a class that carries the key's name.
heard from_companions(const object_reader& reader, CK_OBJECT_CLASS companion, const bytes& id, std::string_view label,
                      sayings& said) {
  const auto found = reader.find(key_template(companion, id, id.empty() ? label : std::string_view{}));
  if (!found) return found.error();
  for (const auto object : *found)
    if (auto good =
            companion == CKO_PUBLIC_KEY ? from_attributes(reader, object, said) : from_certificate(reader, object, said);
        !good)
      return good;
  return {};
}

heard from_known(const object_reader& reader, const object_index& known, const bytes& id, sayings& said) {
  for (const auto& [object, type] : known.find(id))
    if (auto good = from_attributes(reader, object, type, said); !good) return good;
  return {};
}

}  // namespace

sealring::result<any_public_key> read_ec_point(bytes_view params, bytes_view point) {
  switch (curve_of(params)) {
    case p256::nid: return weierstrass<p256>(point);
    case p384::nid: return weierstrass<p384>(point);
    case p521::nid: return weierstrass<p521>(point);
    case NID_ED25519: {
      ed25519_public_key key;
      const auto bare = bare_point(point, key.value.size());
      if (!bare) return fail(trouble::key_unreadable);
      std::ranges::copy(*bare, key.value.begin());
      return key;
    }
    default: return fail(sealring::errc::unsupported_key);
  }
}

sealring::result<any_public_key> read_public_half(const object_reader& reader, CK_OBJECT_HANDLE private_key, const bytes& id,
                                                  std::string_view label, const object_index* known) {
  sayings said;
  heard good;
  const bool has_name = !id.empty() || !label.empty();  // else any would be its companion
  if (has_name)
    good = known != nullptr && !id.empty() ? from_known(reader, *known, id, said)
                                           : from_companions(reader, CKO_PUBLIC_KEY, id, label, said);
  if (has_name && good && said.empty()) good = from_companions(reader, CKO_CERTIFICATE, id, label, said);
  if (good && said.empty()) {
    const auto info = reader.read(private_key, CKA_PUBLIC_KEY_INFO);
    if (!info) return info.error();
    if (*info && !(*info)->empty()) good = note(said, from_spki(**info));
  }
  if (good && said.empty()) good = from_attributes(reader, private_key, said);
  if (!good) return good.error();
  if (said.empty()) return fail(trouble::key_unreadable);
  if (std::ranges::any_of(said, [&](const auto& other) { return other != said.front(); })) return fail(trouble::key_ambiguous);
  return std::move(said.front());
}

}  // namespace sealring::inline v0::hsm
