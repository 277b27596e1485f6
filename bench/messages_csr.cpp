// A certification request for a P-256 key and so many names: ours, and by libcrypto's X509_REQ as C programs do it, with the
// key set from its octets or by X509_REQ_set_pubkey. "unsigned" stops at what is signed.
#include "messages.hpp"
#include "sealring/software_key.hpp"
#include "sealring/x509/csr.hpp"

#include <cstdlib>

namespace bench {
namespace {

using namespace sealring;

template <class T>
T must(result<T> r) {
  if (!r) std::abort();
  return *std::move(r);
}

template <int Count>
const std::vector<identifier>& names() {
  static const auto all = [] {
    std::vector<identifier> some;
    some.reserve(Count);
    for (int i = 0; i < Count; ++i) some.push_back({identifier::type::dns, "host-" + std::to_string(i) + ".example.com"});
    return some;
  }();
  return all;
}

EVP_PKEY* evp() {
  static const detail::evp_pkey key{EVP_EC_gen("P-256")};
  return key.get();
}

const software_key<es256>& key() {
  static const auto one = must(software_key<es256>::from(evp()));
  return one;
}

const fixed_bytes<65>& point() {
  static const auto octets = [] {
    fixed_bytes<65> all{4};
    std::ranges::copy(key().public_key().y, std::ranges::copy(key().public_key().x, all.begin() + 1).out);
    return all;
  }();
  return octets;
}

template <int Count>
std::size_t ours_unsigned() {
  return must(x509::csr_info(key().public_key(), {.names = names<Count>()})).size();
}

template <int Count>
std::size_t ours() {
  return must(x509::make_csr(key(), names<Count>())).size();
}

void set_spki(X509_REQ* request) {
  auto* copy = static_cast<unsigned char*>(OPENSSL_memdup(point().data(), point().size()));
  X509_PUBKEY_set0_param(X509_REQ_get_X509_PUBKEY(request), OBJ_nid2obj(NID_X9_62_id_ecPublicKey), V_ASN1_OBJECT,
                         OBJ_nid2obj(NID_X9_62_prime256v1), copy, static_cast<int>(point().size()));
}

void set_pubkey(X509_REQ* request) { X509_REQ_set_pubkey(request, evp()); }

detail::x509_req bare(std::span<const identifier> names, void (*set_key)(X509_REQ*)) {
  detail::x509_req request{X509_REQ_new()};
  X509_REQ_set_version(request.get(), X509_REQ_VERSION_1);
  set_key(request.get());
  const detail::general_names list{GENERAL_NAMES_new()};
  for (const identifier& id : names) {
    GENERAL_NAME* one = GENERAL_NAME_new();
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, id.value.data(), static_cast<int>(id.value.size()));
    GENERAL_NAME_set0_value(one, GEN_DNS, text);
    sk_GENERAL_NAME_push(list.get(), one);
  }
  const detail::x509_extensions extensions{sk_X509_EXTENSION_new_null()};
  sk_X509_EXTENSION_push(extensions.get(), X509V3_EXT_i2d(NID_subject_alt_name, 1, list.get()));
  X509_REQ_add_extensions(request.get(), extensions.get());
  return request;
}

template <auto Encode>
std::size_t octets(X509_REQ* request) {
  unsigned char* der = nullptr;
  const int size = Encode(request, &der);
  OPENSSL_free(der);
  return size > 0 ? static_cast<std::size_t>(size) : (std::abort(), 0);
}

template <int Count, auto SetKey>
std::size_t bare_unsigned() {
  return octets<i2d_re_X509_REQ_tbs>(bare(names<Count>(), SetKey).get());
}

template <int Count, auto SetKey>
std::size_t bare_signed() {
  const auto request = bare(names<Count>(), SetKey);
  if (X509_REQ_sign(request.get(), evp(), EVP_sha256()) <= 0) std::abort();
  return octets<i2d_X509_REQ>(request.get());
}

constexpr message_row rows[] = {
    {"CSR 1 sealring", ours<1>},
    {"CSR 1 sealring, unsigned", ours_unsigned<1>},
    {"CSR 1 X509_REQ", bare_signed<1, set_spki>},
    {"CSR 1 X509_REQ, unsigned", bare_unsigned<1, set_spki>},
    {"CSR 1 set_pubkey", bare_signed<1, set_pubkey>},
    {"CSR 1 set_pubkey, unsigned", bare_unsigned<1, set_pubkey>},
    {"CSR 10 sealring", ours<10>},
    {"CSR 10 sealring, unsigned", ours_unsigned<10>},
    {"CSR 10 X509_REQ", bare_signed<10, set_spki>},
    {"CSR 10 X509_REQ, unsigned", bare_unsigned<10, set_spki>},
    {"CSR 10 set_pubkey", bare_signed<10, set_pubkey>},
    {"CSR 10 set_pubkey, unsigned", bare_unsigned<10, set_pubkey>},
    {"CSR 100 sealring", ours<100>},
    {"CSR 100 sealring, unsigned", ours_unsigned<100>},
    {"CSR 100 X509_REQ", bare_signed<100, set_spki>},
    {"CSR 100 X509_REQ, unsigned", bare_unsigned<100, set_spki>},
    {"CSR 100 set_pubkey", bare_signed<100, set_pubkey>},
    {"CSR 100 set_pubkey, unsigned", bare_unsigned<100, set_pubkey>},
};

}  // namespace

std::span<const message_row> csr_rows() { return rows; }

}  // namespace bench
