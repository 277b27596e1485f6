#include "sealring/x509/csr.hpp"
#include "general_names.hpp"
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
    if (type == GEN_IPADD) names.push_back(must(ip_identifier(data)));
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
  sk_X509_EXTENSION_push(extensions.get(), subject_alt_name(names).release());
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

void add_extension(STACK_OF(X509_EXTENSION) * to, const char* name, const std::string& value) {
  X509V3_CTX ctx{};
  X509V3_set_ctx_nodb(&ctx);
  sk_X509_EXTENSION_push(to, X509V3_EXT_nconf(nullptr, &ctx, name, value.c_str()));
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

TEST_CASE("csr: e-mail addresses, URIs and other extensions, bit for bit libcrypto's own", "[x509/csr]") {
  const x509::extension usage{"2.5.29.37", true, unhex("300a06082b06010505070301")};
  const x509::csr_request wish{.names = some_names,
                               .emails = {"somebody@example.com", "o'neil+x@sub.Example.com"},
                               .uris = {"https://example.com/", "spiffe://a_trust_domain/one", "urn:uuid:7",
                                        "https://a:b@A.b:/", "ldap://[::1]:389", "http://10.0.0.1?x"},
                               .extensions = {x509::must_staple(), usage, {"1.2.3.4", false, bytes(70'000)}}};
  const request_ptr theirs{X509_REQ_new()};
  const detail::x509_extensions extensions{sk_X509_EXTENSION_new_null()};
  sk_X509_EXTENSION_push(extensions.get(), subject_alt_name(wish.names, wish.emails, wish.uris).release());
  add_extension(extensions.get(), "tlsfeature", "status_request");
  add_extension(extensions.get(), "extendedKeyUsage", "critical,serverAuth");
  add_extension(extensions.get(), "1.2.3.4", "DER:" + std::string(140'000, '0'));
  REQUIRE(X509_REQ_set_pubkey(theirs.get(), evp_of<es256>()) == 1);
  REQUIRE(X509_REQ_add_extensions(theirs.get(), extensions.get()) == 1);
  const bytes info = must(x509::csr_info(key_of<es256>().public_key(), wish));
  CHECK(info == detail::to_der<i2d_re_X509_REQ_tbs>(theirs.get()));

  const auto signature = must(sign_bytes(key_of<es256>(), info));  // as one does whose signer answers later
  const auto request = read(must(x509::finish_csr(info, algorithm_id::es256, signature)));
  CHECK(X509_REQ_verify(request.get(), evp_of<es256>()) == 1);
}

TEST_CASE("csr: with a subject its names are not critical, and may be missing", "[x509/csr]") {
  const x509::distinguished_name subject{{"C", "DE"}, {"O", "M\xc3\xbcller"}, {"CN", "a"}, {"1.2.3.4", "b"}, {"DC", "b"}};
  const auto critical = [](const X509_REQ* request) {
    const detail::x509_extensions all{X509_REQ_get_extensions(const_cast<X509_REQ*>(request))};
    return X509_EXTENSION_get_critical(sk_X509_EXTENSION_value(all.get(), 0));
  };
  const auto named = read(must(x509::make_csr(key_of<es256>(), {.names = some_names, .subject = subject})));
  const auto bare = read(must(x509::make_csr(key_of<es256>(), {.subject = subject})));
  CHECK(critical(named.get()) == 0);
  CHECK(X509_REQ_get_attr_count(bare.get()) == 0);
  for (const auto* request : {named.get(), bare.get()}) {
    CHECK(x509::to_distinguished_name(X509_REQ_get_subject_name(request)) == subject);
    CHECK(X509_REQ_verify(const_cast<X509_REQ*>(request), evp_of<es256>()) == 1);
  }
}

TEST_CASE("csr: what no certificate can carry is refused, and the key is not even asked", "[x509/csr]") {
  const unplugged<es256> key;
  const auto refused = [&](const x509::csr_request& wish) { return refusal(x509::make_csr(key, wish)); };
  CHECK(refused({}) == errc::bad_name);
  CHECK(refused({.extensions = {x509::must_staple()}}) == errc::bad_name);
  for (const std::string email :
       {"", "a", "@example.com", "a@", "a@b@example.com", ".a@example.com", "a.@example.com", "a..b@example.com",
        "a b@example.com", "a@*.example.com", "a@192.0.2.1", "\"a\"@example.com"}) {
    INFO(email);
    CHECK(refused({.names = some_names, .emails = {email}}) == errc::bad_name);
  }
  for (const std::string uri : {"",
                                ":",
                                "a",
                                "/a",
                                "a:",
                                "1a:b",
                                "a_b:c",
                                "https://",
                                "https:///a",
                                "https://?b",
                                "a:b c",
                                "a:b\n",
                                "a:\xc3\xbc",
                                "https://a..b/",
                                "https://.a/",
                                "https://*.a.b/",
                                "https://a.b:c/",
                                "https://a.b:1:2/",
                                "https://@/",
                                "https://a@b@c.d/",
                                "https://10.0.0.256/",
                                "https://[10.0.0.1]/",
                                "https://[::1/",
                                "https://::1/",
                                "https://[::1]x/",
                                "https://[u]@a.b/"}) {
    INFO(uri);
    CHECK(refused({.names = some_names, .uris = {uri}}) == errc::bad_name);
  }
  for (const x509::name_attribute& attribute :
       {x509::name_attribute{"CN", ""}, {"CN", std::string(65, 'a')}, {"C", "Germany"}, {"XYZ", "a"}, {"CN", "\xff"}}) {
    INFO(attribute.type << '=' << attribute.value);
    CHECK(refused({.names = some_names, .subject = {attribute}}) == errc::bad_name);
  }
  const x509::extension one{"1.2.3", false, {0x05, 0x00}};
  for (const std::vector<x509::extension>& extensions : {std::vector{one, one},
                                                         {{"", false, {}}},
                                                         {{"serverAuth", false, {}}},
                                                         {{"2.5.29.17", false, {0x30, 0x00}}},
                                                         {one, {"1.2.03", false, {}}}})
    CHECK(refused({.names = some_names, .extensions = extensions}) == errc::bad_extension);
}

TEST_CASE("csr: one address alone will do", "[x509/csr]") {
  const std::vector<identifier> names{{identifier::type::ip, "2001:db8::1"}};
  CHECK(names_of(read(must(x509::make_csr(key_of<es384>(), names))).get()) == names);
}

TEST_CASE("csr: no names, or one that is none, and the key is not even asked", "[x509/csr]") {
  const unplugged<es256> key;  // would fail otherwise
  CHECK(refusal(x509::make_csr(key, std::vector<identifier>{})) == errc::bad_name);
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
