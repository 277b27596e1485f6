#include "hsm/signature.hpp"
#include "fixture.hpp"
#include "hsm/mechanism.hpp"
#include "sealring/software_key.hpp"

using namespace sealring;

TEMPLATE_TEST_CASE("curve orders are libcrypto's", "[signature]", p256, p384, p521) {
  const detail::owned<EC_GROUP, EC_GROUP_free> group{EC_GROUP_new_by_curve_name(TestType::nid)};
  fixed_bytes<TestType::size> order{};
  REQUIRE(BN_bn2binpad(EC_GROUP_get0_order(group.get()), order.data(), static_cast<int>(order.size())) > 0);
  CHECK(order == hsm::curve_order<TestType>);
}

TEMPLATE_TEST_CASE("ECDSA signatures are read as r||s and as DER, and never out of range", "[signature]", es256, es384, es512) {
  const auto key = software_key<TestType>::generate().value();
  const auto signature = sign(key, as_bytes("text")).value();
  const auto read = [&](bytes raw) { return hsm::read_signature<TestType>(std::move(raw), key.public_key()); };
  CHECK(read({signature.begin(), signature.end()}).value() == signature);
  CHECK(read(ecdsa_to_der(signature).value()).value() == signature);

  constexpr auto half = signature.size() / 2;
  bytes zero(signature.begin(), signature.end());
  std::fill_n(zero.begin(), half, std::uint8_t{0});
  CHECK(!read(zero));
  bytes order(signature.begin(), signature.end());
  std::ranges::copy(hsm::curve_order<typename TestType::curve>, order.begin() + half);
  CHECK(!read(order));
  CHECK(!read({}));
  CHECK(!read(bytes(signature.begin(), signature.end() - 1)));
  CHECK(!read(bytes(signature.size() + 1)));
}

TEST_CASE("RSA and Ed25519 signatures have one length", "[signature]") {
  const rsa_public_key key{bytes(256, 0xc1), {1, 0, 1}};
  CHECK(hsm::read_signature<rs256>(bytes(256), key));
  CHECK(!hsm::read_signature<rs256>(bytes(255), key));
  CHECK(hsm::read_signature<eddsa>(bytes(64), {}));
  CHECK(!hsm::read_signature<eddsa>(bytes(63), {}));
}

TEST_CASE("RS256 signs a DigestInfo, PS256 names its parameters", "[signature]") {
  const bytes digest(32, 7);
  auto rs = hsm::mechanism_for<rs256>();
  const auto info = rs.to_be_signed(digest);
  CHECK(info.size() == 51);
  const detail::owned<X509_SIG, X509_SIG_free> parsed =
      detail::from_der<detail::owned<X509_SIG, X509_SIG_free>, d2i_X509_SIG>(info);
  REQUIRE(parsed);
  const X509_ALGOR* algorithm = nullptr;
  const ASN1_OCTET_STRING* value = nullptr;
  X509_SIG_get0(parsed.get(), &algorithm, &value);
  CHECK(OBJ_obj2nid(algorithm->algorithm) == NID_sha256);
  CHECK(bytes(value->data, value->data + value->length) == digest);

  auto ps = hsm::mechanism_for<ps256>();
  const auto raw = ps.raw();
  CHECK(raw.mechanism == CKM_RSA_PKCS_PSS);
  CHECK(static_cast<CK_RSA_PKCS_PSS_PARAMS*>(raw.pParameter)->sLen == 32);
  CHECK(hsm::mechanism_for<eddsa>().raw().pParameter == nullptr);
}
