#include "hsm/public_half.hpp"
#include "fixture.hpp"
#include "sealring/software_key.hpp"

using namespace sealring;
using namespace sealring::test;

namespace {

const bytes p256_oid{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};

bytes joined(std::initializer_list<bytes> parts) {
  bytes out;
  for (const auto& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

/// A certificate that carries this public key; nobody's signature on it is looked at here.
bytes certificate_of(const any_public_key& key) {
  const detail::x509 out{X509_new()};
  const auto subject = detail::from_der<detail::evp_pkey, d2i_PUBKEY>(to_spki(key).value());
  const detail::evp_pkey issuer{EVP_EC_gen("P-256")};
  REQUIRE(X509_set_pubkey(out.get(), subject.get()) == 1);
  X509_gmtime_adj(X509_getm_notBefore(out.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(out.get()), 60);
  REQUIRE(X509_sign(out.get(), issuer.get(), EVP_sha256()) > 0);
  return detail::to_der<i2d_X509>(out.get());
}

}  // namespace

TEST_CASE("a point is read in every form that modules use", "[public_half]") {
  const auto key = software_key<es256>::generate().value().public_key();
  const bytes raw = joined({{4}, bytes(key.x.begin(), key.x.end()), bytes(key.y.begin(), key.y.end())});
  const any_public_key wanted{key};
  CHECK(hsm::read_ec_point(p256_oid, joined({{0x04, 65}, raw})).value() == wanted);
  CHECK(hsm::read_ec_point(p256_oid, joined({{0x03, 66, 0}, raw})).value() == wanted);
  CHECK(hsm::read_ec_point(p256_oid, raw).value() == wanted);

  CHECK(!hsm::read_ec_point(p256_oid, {}));
  CHECK(!hsm::read_ec_point(p256_oid, joined({{0x04, 65}, raw, {0}})));
  CHECK(!hsm::read_ec_point(p256_oid, bytes(raw.begin(), raw.end() - 1)));
  CHECK(!hsm::read_ec_point({}, raw));
  CHECK(!hsm::read_ec_point(bytes{0x30, 0x03, 0x02, 0x01, 0x01}, raw));  // explicit parameters
  auto off_curve = raw;
  off_curve.back() ^= 1;
  CHECK(!hsm::read_ec_point(p256_oid, off_curve));
}

TEST_CASE("an Ed25519 point is read in every form that modules use", "[public_half]") {
  const auto key = software_key<eddsa>::generate().value().public_key();
  const bytes raw(key.value.begin(), key.value.end());
  const any_public_key wanted{key};
  bytes name{0x13, 0x0c};
  std::ranges::copy(std::string_view{"edwards25519"}, std::back_inserter(name));
  for (const auto& params : {name, bytes{0x06, 0x03, 0x2b, 0x65, 0x70}}) {
    CHECK(hsm::read_ec_point(params, raw).value() == wanted);
    CHECK(hsm::read_ec_point(params, joined({{0x04, 32}, raw})).value() == wanted);
    CHECK(hsm::read_ec_point(params, joined({{0x03, 33, 0}, raw})).value() == wanted);
    CHECK(!hsm::read_ec_point(params, bytes(31)));
  }
}

TEST_CASE("a public half without its wrapping, and one that is gone", "[public_half]") {
  logged_in in{"public halves"};
  const auto made = in.token.generate(hsm::key_type::p256, "k").value();
  {
    const shim_setting raw{"SHIM_RAW_POINT", "1"};
    CHECK(in.token.find("k").value().public_key() == made.public_key());
  }
  // SoftHSM shows nothing of the public half on the private key.
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  auto& p11 = pkcs11();
  REQUIRE(p11.C_OpenSession(in.token.info().slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session) == CKR_OK);
  CK_OBJECT_CLASS half = CKO_PUBLIC_KEY;
  CK_ATTRIBUTE wanted{CKA_CLASS, &half, sizeof half};
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  CK_ULONG count = 0;
  REQUIRE(p11.C_FindObjectsInit(session, &wanted, 1) == CKR_OK);
  REQUIRE(p11.C_FindObjects(session, &object, 1, &count) == CKR_OK);
  REQUIRE(p11.C_FindObjectsFinal(session) == CKR_OK);
  REQUIRE(count == 1);
  REQUIRE(p11.C_DestroyObject(session, object) == CKR_OK);
  const auto lost = in.token.find("k");
  CHECK((!lost && lost.error() == hsm::trouble::key_unreadable));
  CHECK(in.token.keys().value().empty());

  // A certificate of the same id says it as well; two that differ say nothing.
  const auto put_certificate = [&](const any_public_key& key) {
    CK_OBJECT_CLASS kind = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE x509 = CKC_X_509;
    CK_BBOOL yes = CK_TRUE;
    bytes id = made.id();
    bytes der = certificate_of(key);
    std::array attributes{CK_ATTRIBUTE{CKA_CLASS, &kind, sizeof kind},
                          CK_ATTRIBUTE{CKA_CERTIFICATE_TYPE, &x509, sizeof x509},
                          CK_ATTRIBUTE{CKA_TOKEN, &yes, 1},
                          CK_ATTRIBUTE{CKA_ID, id.data(), id.size()},
                          CK_ATTRIBUTE{CKA_SUBJECT, der.data(), 0},
                          CK_ATTRIBUTE{CKA_VALUE, der.data(), der.size()}};
    CK_OBJECT_HANDLE certificate = CK_INVALID_HANDLE;
    REQUIRE(p11.C_CreateObject(session, attributes.data(), attributes.size(), &certificate) == CKR_OK);
  };
  put_certificate(made.public_key());
  const auto found = in.token.find("k");
  REQUIRE(found);
  CHECK(found->public_key() == made.public_key());
  CHECK(sign(found->bind<es256>().value(), as_bytes("text")));
  put_certificate(software_key<es256>::generate().value().public_key());
  CHECK(in.token.find("k").error() == hsm::trouble::key_ambiguous);
  REQUIRE(p11.C_CloseSession(session) == CKR_OK);
}
