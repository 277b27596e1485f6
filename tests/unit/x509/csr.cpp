#include "sealring/x509/csr.hpp"
#include "unit/signers.hpp"

namespace sealring::test {
namespace {

using request_ptr = detail::x509_req;

request_ptr read(const bytes& der) {
  auto request = detail::from_der<detail::x509_req, d2i_X509_REQ>(der);
  REQUIRE(request);
  return request;
}

std::vector<identifier> names_of(const X509_REQ* request) {
  const detail::x509_extensions extensions{X509_REQ_get_extensions(const_cast<X509_REQ*>(request))};
  REQUIRE(sk_X509_EXTENSION_num(extensions.get()) == 1);
  X509_EXTENSION* san = sk_X509_EXTENSION_value(extensions.get(), 0);
  REQUIRE(OBJ_obj2nid(X509_EXTENSION_get_object(san)) == NID_subject_alt_name);
  CHECK(X509_EXTENSION_get_critical(san) == 1);
  const detail::general_names list{static_cast<GENERAL_NAMES*>(X509V3_EXT_d2i(san))};
  std::vector<identifier> names;
  for (int i = 0; i < sk_GENERAL_NAME_num(list.get()); ++i) {
    int type = 0;
    const auto* value = static_cast<ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(list.get(), i), &type));
    const bytes_view data{ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value))};
    if (type == GEN_IPADD) names.push_back(ip_identifier(data));
    else if (type == GEN_DNS) names.push_back({identifier::type::dns, std::string{as_text(data)}});
  }
  return names;
}

const std::vector<identifier> some_names{
    {identifier::type::dns, "example.com"},
    {identifier::type::dns, "*.example.com"},
    {identifier::type::ip, "192.0.2.1"},
    {identifier::type::ip, "2001:db8::1"},
};

/// The same request by libcrypto alone, which needs the private key for it.
template <algorithm A>
request_ptr by_libcrypto(std::span<const identifier> names) {
  request_ptr request{X509_REQ_new()};
  const detail::x509_extensions extensions{sk_X509_EXTENSION_new_null()};
  sk_X509_EXTENSION_push(extensions.get(), x509::detail::subject_alt_name(names).release());
  const detail::evp_md_ctx ctx{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* pkey_ctx = nullptr;
  const EVP_MD* md = nullptr;
  if constexpr (!std::same_as<A, eddsa>) md = A::hash_type::evp();
  REQUIRE(X509_REQ_set_version(request.get(), 0) == 1);
  REQUIRE(X509_REQ_set_pubkey(request.get(), evp_of<A>()) == 1);
  REQUIRE(X509_REQ_add_extensions(request.get(), extensions.get()) == 1);
  REQUIRE(EVP_DigestSignInit(ctx.get(), &pkey_ctx, md, nullptr, evp_of<A>()) == 1);
  if constexpr (std::same_as<A, ps256>) REQUIRE(detail::configure<A>(pkey_ctx));
  REQUIRE(X509_REQ_sign_ctx(request.get(), ctx.get()) > 0);
  ERR_clear_error();
  return request;
}

bytes algorithm_of_request(const X509_REQ* request) {
  const X509_ALGOR* algorithm = nullptr;
  X509_REQ_get0_signature(request, nullptr, &algorithm);
  return detail::to_der<i2d_X509_ALGOR>(algorithm);
}

}  // namespace

TEST_CASE("csr: every algorithm's request verifies and carries key and names, and no subject", "[x509/csr]") {
  for_each_algorithm([](auto a) {
    using A = decltype(a);
    const any_signer<software_key> key = key_of<A>();
    const auto request = read(must(x509::make_csr(key, some_names)));
    CHECK(X509_REQ_verify(request.get(), X509_REQ_get0_pubkey(request.get())) == 1);
    CHECK(X509_REQ_get_version(request.get()) == 0);
    CHECK(X509_NAME_entry_count(X509_REQ_get_subject_name(request.get())) == 0);
    CHECK(names_of(request.get()) == some_names);
    CHECK(detail::to_der<i2d_X509_PUBKEY>(X509_REQ_get_X509_PUBKEY(request.get())) == must(to_spki(public_key_of_signer(key))));
  });
}

TEST_CASE("csr: bit for bit libcrypto's own, save where a signature is random", "[x509/csr]") {
  for_each_algorithm([](auto a) {
    using A = decltype(a);
    const auto theirs = by_libcrypto<A>(some_names);
    const bytes ours = must(x509::make_csr(key_of<A>(), some_names));
    CHECK(algorithm_of_request(read(ours).get()) == algorithm_of_request(theirs.get()));
    CHECK(detail::to_der<i2d_re_X509_REQ_tbs>(read(ours).get()) == detail::to_der<i2d_re_X509_REQ_tbs>(theirs.get()));
    if constexpr (std::same_as<A, rs256> || std::same_as<A, eddsa>) CHECK(ours == detail::to_der<i2d_X509_REQ>(theirs.get()));
  });
}

TEST_CASE("csr: a hundred names", "[x509/csr]") {
  std::vector<identifier> names;
  for (int i = 0; i < 100; ++i) names.push_back(must(parse_identifier("host-" + std::to_string(i) + ".example.com")));
  const auto request = read(must(x509::make_csr(key_of<es256>(), names)));
  CHECK(names_of(request.get()) == names);
  CHECK(X509_REQ_verify(request.get(), X509_REQ_get0_pubkey(request.get())) == 1);
}

TEST_CASE("csr: one address alone will do", "[x509/csr]") {
  const std::vector<identifier> names{{identifier::type::ip, "2001:db8::1"}};
  CHECK(names_of(read(must(x509::make_csr(key_of<es384>(), names))).get()) == names);
}

TEST_CASE("csr: no names, or one that is none, and the key is not even asked", "[x509/csr]") {
  const unplugged<es256> key;  // would fail otherwise
  CHECK(refusal(x509::make_csr(key, {})) == errc::bad_name);
  for (const identifier& id : {identifier{identifier::type::dns, ""}, identifier{identifier::type::ip, "example.com"},
                               identifier{identifier::type::ip, "192.0.2.256"}}) {
    INFO(id.value);
    CHECK(refusal(x509::make_csr(key, std::vector{id})) == errc::bad_name);
  }
}

TEST_CASE("csr: the signer's failure comes through", "[x509/csr]") {
  for_each_algorithm(
      [](auto a) { CHECK(refusal(x509::make_csr(unplugged<decltype(a)>{}, some_names)) == std::errc::no_such_device); });
}

}  // namespace sealring::test
