// What a key shows of itself, and what it does not; how it is read from files.
#include "provider/library.hpp"
#include "sealring/pem.hpp"

namespace sealring::test {
namespace {

/// Nobody listens there: reading asks no agent.
const std::vector<std::string> nowhere{"@sealring-test-nobody"};

std::string software_pem(EVP_PKEY* key) {
  const detail::bio out{BIO_new(BIO_s_mem())};
  REQUIRE(PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

/// A self-signed one, for a file that has more than a key in it.
std::string certificate_pem(EVP_PKEY* key) {
  const detail::x509 certificate{X509_new()};
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  const detail::bio out{BIO_new(BIO_s_mem())};
  REQUIRE(X509_sign(certificate.get(), key, EVP_sha256()) > 0);
  REQUIRE(PEM_write_bio_X509(out.get(), certificate.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

TEST_CASE("a key equals its public half in other hands, from either side", "[keys]") {
  const library in;
  for_each_algorithm([&]<class A>(A) {
    const auto spki = must(to_spki(key_of<A>().public_key()));
    const auto key = in.read(pem_of(reference_to(nowhere, spki)));
    REQUIRE(key);
    const auto same = in.software(spki);
    CHECK(EVP_PKEY_eq(key.get(), same.get()) == 1);
    CHECK(EVP_PKEY_eq(same.get(), key.get()) == 1);
    const auto twin = in.read(pem_of(reference_to(nowhere, spki)));
    CHECK(EVP_PKEY_eq(key.get(), twin.get()) == 1);
    const detail::evp_pkey copy{EVP_PKEY_dup(key.get())};
    REQUIRE(copy);
    CHECK(EVP_PKEY_eq(copy.get(), key.get()) == 1);
    demand_clean_queue();

    const auto stranger = in.software(detail::to_der<i2d_PUBKEY>(make_evp_for<A>().get()));
    CHECK(EVP_PKEY_eq(key.get(), stranger.get()) == 0);
    CHECK(EVP_PKEY_eq(stranger.get(), key.get()) == 0);
    ERR_clear_error();
  });
}

TEST_CASE("the public half goes out, the private one does not", "[keys]") {
  const library in;
  for_each_algorithm([&]<class A>(A) {
    const auto spki = must(to_spki(key_of<A>().public_key()));
    const auto key = in.read(pem_of(reference_to(nowhere, spki)));
    REQUIRE(key);
    CHECK(detail::to_der<i2d_PUBKEY>(key.get()) == spki);
    OSSL_PARAM* parts = nullptr;
    REQUIRE(EVP_PKEY_todata(key.get(), EVP_PKEY_PUBLIC_KEY, &parts) == 1);
    CHECK(OSSL_PARAM_locate(parts, OSSL_PKEY_PARAM_PRIV_KEY) == nullptr);
    CHECK(OSSL_PARAM_locate(parts, OSSL_PKEY_PARAM_RSA_D) == nullptr);
    OSSL_PARAM_free(parts);
    demand_clean_queue();

    parts = nullptr;
    CHECK(EVP_PKEY_todata(key.get(), EVP_PKEY_KEYPAIR, &parts) != 1);
    CHECK(parts == nullptr);
    CHECK(i2d_PrivateKey(key.get(), nullptr) <= 0);
    const detail::bio out{BIO_new(BIO_s_mem())};
    CHECK(PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1);
    CHECK(BIO_ctrl_pending(out.get()) == 0);
    std::size_t size = 0;
    CHECK(EVP_PKEY_get_raw_private_key(key.get(), nullptr, &size) != 1);
    BIGNUM* number = nullptr;
    CHECK(EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_PRIV_KEY, &number) != 1);
    CHECK(EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_RSA_D, &number) != 1);
    ERR_clear_error();
  });
}

TEST_CASE("a key tells its size, its group and its hash", "[keys]") {
  const library in;
  for_each_algorithm([&]<class A>(A) {
    const auto spki = must(to_spki(key_of<A>().public_key()));
    const auto key = in.read(pem_of(reference_to(nowhere, spki)));
    const auto same = in.software(spki);
    CHECK(EVP_PKEY_get_bits(key.get()) == EVP_PKEY_get_bits(same.get()));
    CHECK(EVP_PKEY_get_security_bits(key.get()) == EVP_PKEY_get_security_bits(same.get()));
    CHECK(EVP_PKEY_get_size(key.get()) == EVP_PKEY_get_size(same.get()));
    CHECK(EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_get_base_id(same.get()));
    char ours[64]{}, theirs[64]{};
    CHECK(EVP_PKEY_get_group_name(key.get(), ours, sizeof ours, nullptr) ==
          EVP_PKEY_get_group_name(same.get(), theirs, sizeof theirs, nullptr));
    CHECK(std::string{ours} == theirs);
    // In software every curve has the same hash.
    const char* const hash = A::id == algorithm_id::eddsa   ? "UNDEF"
                             : A::id == algorithm_id::es384 ? "SHA2-384"
                             : A::id == algorithm_id::es512 ? "SHA2-512"
                                                            : "SHA2-256";
    CHECK(EVP_PKEY_get_default_digest_name(key.get(), ours, sizeof ours) ==
          EVP_PKEY_get_default_digest_name(same.get(), theirs, sizeof theirs));
    CHECK(std::string{ours} == hash);
    ERR_clear_error();
  });
}

TEST_CASE("keys of others are read as if the provider were not there", "[keys]") {
  const library in;
  for_each_algorithm([&]<class A>(A) {
    const auto key = in.read(software_pem(evp_of<A>()));
    REQUIRE(key);
    demand_clean_queue();
    CHECK(EVP_PKEY_eq(key.get(), evp_of<A>()) == 1);
    CHECK(std::string{OSSL_PROVIDER_get0_name(EVP_PKEY_get0_provider(key.get()))} == "default");
    demand_clean_queue();
  });
  CHECK(!in.read("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
  CHECK(!contains(take_errors(), "reference"));
}

TEST_CASE("a key is found in a file that has more in it", "[keys]") {
  const library in;
  const auto spki = must(to_spki(key_of<es256>().public_key()));
  const std::string reference = pem_of(reference_to(nowhere, spki)), certificate = certificate_pem(evp_of<es256>());
  for (const std::string& bundle : {certificate + certificate + reference, reference + certificate,
                                    "what this is\n\n" + reference + "\n\n", certificate + "more\n" + reference}) {
    const auto key = in.read(bundle);
    if (!key) FAIL(take_errors());
    demand_clean_queue();
    CHECK(detail::to_der<i2d_PUBKEY>(key.get()) == spki);
    const detail::bio text{BIO_new_mem_buf(bundle.data(), static_cast<int>(bundle.size()))};
    const detail::x509 first{PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)};
    CHECK((first != nullptr) == contains(bundle, "CERTIFICATE"));
    ERR_clear_error();
  }
}

TEST_CASE("a damaged reference stops the search, and says what is wrong", "[keys]") {
  const library in;
  auto der = client::to_der(reference_to(nowhere, must(to_spki(key_of<es256>().public_key())))).value();
  const auto read = [&](const bytes& data) {
    CHECK(!in.read(to_pem(client::key_reference_label, data)));
    return take_errors();
  };
  const auto with = [&](std::size_t at, std::uint8_t octet) {
    bytes changed = der;
    changed.at(at) = octet;
    return changed;
  };
  CHECK(contains(read(bytes(der.begin(), der.end() - 1)),
                 "malformed key reference: not a key reference that can be used: it is damaged"));
  const std::string text{as_text(der)};
  CHECK(contains(read(with(text.find("reference-1") + 10, '2')), "update sealring here"));
  CHECK(contains(read(with(text.find("@sealring"), '#')), "not a socket's address"));
  CHECK(contains(read(with(text.find("example.com"), ' ')), "the name of its key is none"));
  CHECK(contains(read(with(der.size() - 65, 0x05)), "malformed key reference: its public key cannot be read"));

  std::string pem = pem_of(reference_to(nowhere, must(to_spki(key_of<es256>().public_key()))));
  pem[pem.find('\n') + 10] = '!';
  CHECK(!in.read(pem));
  CHECK(contains(take_errors(), "malformed key reference: its PEM is damaged"));

  const auto other = detail::to_der<i2d_PUBKEY>(make_evp("EC", "P-224").get());
  CHECK(!in.read(pem_of(reference_to(nowhere, other))));
  CHECK(contains(take_errors(), "unsupported: its key is neither RSA nor Ed25519 nor on P-256, P-384 or P-521"));
}

TEST_CASE("every octet of a reference may be wrong", "[keys]") {
  const library in;
  const auto der = client::to_der(reference_to(nowhere, must(to_spki(key_of<es256>().public_key())))).value();
  for (std::size_t at = 0; at < der.size(); ++at) {
    bytes changed = der;
    changed[at] ^= 0x11;
    const auto key = in.read(to_pem(client::key_reference_label, changed));
    const auto errors = take_errors();
    CHECK((key != nullptr) == errors.empty());
  }
}

TEST_CASE("what is wrong in its section is told to whoever wants a key", "[keys]") {
  for (const auto& [line, text] :
       {std::pair{"sealring-uid = root\n", "bad configuration: sealring-uid must be a user's number"},
        {"sealring-uid = 4294967296\n", "sealring-uid must be a user's number"},
        {"sealring-deadline-ms = 9\n", "bad configuration: sealring-deadline-ms must be a number of milliseconds, 10 to 60000"},
        {"sealring-deadline-ms = 60001\n", "10 to 60000"},
        {"sealring-sockets = run/sign.sock\n", "bad configuration: sealring-sockets: not a socket's address"}}) {
    INFO(line);
    const library in{line};
    REQUIRE(in.loaded());
    CHECK(in.read(software_pem(evp_of<es256>())));  // keys of others are none of ours
    demand_clean_queue();
    CHECK(!in.read(pem_of(reference_to(nowhere, must(to_spki(key_of<es256>().public_key()))))));
    const auto said = take_errors();
    INFO(said);
    CHECK(contains(said, text));
  }
}

}  // namespace sealring::test
