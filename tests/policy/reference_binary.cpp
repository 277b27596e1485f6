#include "policy/reference_binary.hpp"

#include "general_names.hpp"
#include "sealring/public_key.hpp"
#include "sealring/x509/algorithm_identifier.hpp"

#include <algorithm>
#include <map>
#include <regex>
#include <set>

namespace sealring::test::reference {
namespace {

using namespace sealring::detail;

/// A CertificationRequestInfo as a request with a signature, which is all that libcrypto reads.
x509_req read_info(bytes_view info) {
  bytes whole;
  const bytes tail{0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02, 0x03, 0x02, 0x00, 0x01};
  const int size = static_cast<int>(info.size() + tail.size());
  whole.resize(static_cast<std::size_t>(ASN1_object_size(1, size, V_ASN1_SEQUENCE)));
  unsigned char* out = whole.data();
  ASN1_put_object(&out, 1, size, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
  out = std::copy(info.begin(), info.end(), out);
  std::copy(tail.begin(), tail.end(), out);
  return from_der<x509_req, d2i_X509_REQ>(whole);
}

std::vector<identifier> lenient_names(const X509_REQ* request) {
  const x509_extensions all{X509_REQ_get_extensions(const_cast<X509_REQ*>(request))};
  const general_names list{static_cast<GENERAL_NAMES*>(X509V3_get_d2i(all.get(), NID_subject_alt_name, nullptr, nullptr))};
  std::vector<identifier> names;
  for (int i = 0; i < sk_GENERAL_NAME_num(list.get()); ++i) {
    int type = 0;
    const void* raw = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(list.get(), i), &type);
    if (type != GEN_DNS && type != GEN_IPADD) return {};
    const auto* value = static_cast<const ASN1_STRING*>(raw);
    const bytes_view data{ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value))};
    if (type == GEN_IPADD && !ip_identifier(data)) return {};
    names.push_back(type == GEN_IPADD ? *ip_identifier(data) : identifier{identifier::type::dns, std::string{as_text(data)}});
  }
  ERR_clear_error();
  return names;
}

/// `string_type` is that of the commonName, 0 for an empty subject.
bytes write_info(const any_public_key& key, const std::vector<identifier>& names, bool critical, int string_type,
                 const std::string& common_name) {
  const x509_req request{X509_REQ_new()};
  x509_extension san = subject_alt_name(names);
  if (!san || !set_spki(X509_REQ_get_X509_PUBKEY(request.get()), key)) return {};
  X509_EXTENSION_set_critical(san.get(), critical ? 1 : 0);
  const x509_extensions all{sk_X509_EXTENSION_new_null()};
  sk_X509_EXTENSION_push(all.get(), san.release());
  X509_REQ_add_extensions(request.get(), all.get());
  if (string_type != 0)
    X509_NAME_add_entry_by_NID(X509_REQ_get_subject_name(request.get()), NID_commonName, string_type,
                               reinterpret_cast<const unsigned char*>(common_name.data()), static_cast<int>(common_name.size()),
                               -1, 0);
  return to_der<i2d_re_X509_REQ_tbs>(request.get());
}

bool same(const bytes& a, bytes_view b) { return !a.empty() && std::ranges::equal(a, b); }

std::size_t number(bytes_view m, std::size_t at, std::size_t octets) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < octets; ++i) value = value * 256 + (at + i < m.size() ? m[at + i] : 0);
  return value;
}

/// y^2 = x^3 - 3x + b (mod p), x and y below p.
bool on_curve(const char* p_hex, const char* b_hex, bytes_view xy) {
  const auto hex = [](const char* text) {
    BIGNUM* value = nullptr;
    BN_hex2bn(&value, text);
    return bignum{value};
  };
  const auto big = [](bytes_view v) { return bignum{BN_bin2bn(v.data(), static_cast<int>(v.size()), nullptr)}; };
  const owned<BN_CTX, BN_CTX_free> ctx{BN_CTX_new()};
  const bignum p = hex(p_hex), b = hex(b_hex), x = big(xy.first(xy.size() / 2)), y = big(xy.subspan(xy.size() / 2));
  const bignum left{BN_new()}, right{BN_new()};
  if (BN_cmp(x.get(), p.get()) >= 0 || BN_cmp(y.get(), p.get()) >= 0) return false;
  BN_mod_sqr(left.get(), y.get(), p.get(), ctx.get());
  BN_mod_sqr(right.get(), x.get(), p.get(), ctx.get());
  BN_sub_word(right.get(), 3);
  BN_mod_mul(right.get(), right.get(), x.get(), p.get(), ctx.get());
  BN_mod_add(right.get(), right.get(), b.get(), p.get(), ctx.get());
  return BN_cmp(left.get(), right.get()) == 0;
}

/// By libcrypto's own reader of tags and lengths; a length is canonical if libcrypto would write it so.
bool der_structure(bytes_view m) {
  const auto header = [](bytes_view data, std::size_t& whole, std::size_t& inside) {
    const unsigned char* at = data.data();
    long length = 0;
    int tag = 0, tag_class = 0;
    const int flags = ASN1_get_object(&at, &length, &tag, &tag_class, static_cast<long>(data.size()));
    ERR_clear_error();
    if ((flags & 0x81) != 0 && (flags & 0x80) != 0) return false;
    if ((flags & 1) != 0 && data[1] == 0x80) return false;
    inside = static_cast<std::size_t>(at - data.data());
    whole = inside + static_cast<std::size_t>(length);
    const std::size_t octets = length < 128 ? 0 : length < 256 ? 1 : length < 65536 ? 2 : 3;
    return (data[0] & 31) != 31 && inside == 2 + octets;
  };
  std::size_t whole = 0, inside = 0;
  if (m.empty() || (m[0] != 0x30 && m[0] != 0x31) || !header(m, whole, inside) || whole != m.size()) return false;
  for (bytes_view rest = m.subspan(inside); !rest.empty(); rest = rest.subspan(whole))
    if (!header(rest, whole, inside)) return false;
  return true;
}

/// The length that the inner lengths of a hello add up to; 0 where they run out.
bool hello(bytes_view b, bool client) {
  if (b.size() < 35 || number(b, 0, 2) != 0x0303) return false;
  std::size_t at = 34 + 1 + b[34];
  if (b[34] > 32) return false;
  if (client) {
    const std::size_t suites = number(b, at, 2);
    if (at + 2 > b.size() || suites == 0 || suites % 2 == 1) return false;
    at += 2 + suites;
    if (at + 1 > b.size() || b[at] == 0) return false;
    at += 1 + std::size_t{b[at]};
  } else {
    at += 3;
  }
  if (at == b.size()) return true;
  if (at + 2 > b.size() || at + 2 + number(b, at, 2) != b.size()) return false;
  for (at += 2; at < b.size(); at += 4 + number(b, at + 2, 2))
    if (at + 4 > b.size()) return false;
  return at == b.size();
}

}  // namespace

bytes spki_of_info(bytes_view info) {
  const auto request = read_info(info);
  return request ? to_der<i2d_X509_PUBKEY>(X509_REQ_get_X509_PUBKEY(request.get())) : bytes{};
}

std::optional<std::vector<std::string>> info_names(bytes_view info, const any_public_key& key) {
  const auto request = read_info(info);
  if (!request) return {};
  const auto names = lenient_names(request.get());
  std::set<identifier> different{names.begin(), names.end()};
  if (names.empty() || different.size() != names.size()) return {};
  std::vector<std::string> texts;
  for (const identifier& id : names) texts.push_back(id.value);
  for (const bool critical : {true, false}) {
    if (same(write_info(key, names, critical, 0, {}), info)) return texts;
    for (const std::string& cn : texts)
      for (const int type : {V_ASN1_UTF8STRING, V_ASN1_PRINTABLESTRING})
        if (same(write_info(key, names, critical, type, cn), info)) return texts;
  }
  return {};
}

bytes info_of_request(bytes_view request) {
  const auto read = from_der<x509_req, d2i_X509_REQ>(request);
  if (!read) return {};
  const bytes info = to_der<i2d_re_X509_REQ_tbs>(read.get());
  const ASN1_BIT_STRING* signature = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  X509_REQ_get0_signature(read.get(), &signature, &algorithm);
  bool known = false;
  for (const auto id :
       {algorithm_id::es256, algorithm_id::es384, algorithm_id::es512, algorithm_id::rs256, algorithm_id::eddsa})
    known = known || X509_ALGOR_cmp(sealring::x509::algorithm_identifier(id).get(), algorithm) == 0;
  if (!known || ASN1_STRING_length(signature) == 0) return {};
  x509_req again{X509_REQ_dup(read.get())};
  if (to_der<i2d_X509_REQ>(again.get()) != bytes(request.begin(), request.end())) return {};
  // A bit string may say that bits are unused, and libcrypto then writes it back so.
  if (request[request.size() - static_cast<std::size_t>(ASN1_STRING_length(signature)) - 1] != 0) return {};
  return info;
}

bool is_13(bytes_view m, bool server) {
  const std::string begin =
      std::string(64, ' ') + "TLS 1.3, " + (server ? "server" : "client") + " CertificateVerify" + std::string(1, '\0');
  const std::string text{as_text(m)};
  return text.starts_with(begin) && (text.size() - begin.size() == 32 || text.size() - begin.size() == 48);
}

bool is_server_12(bytes_view m) {
  static const std::map<std::size_t, std::size_t> sizes{{23, 65}, {24, 97}, {25, 133}, {29, 32}, {30, 56}};
  if (m.size() < 68 || m[64] != 3) return false;
  const auto group = sizes.find(number(m, 65, 2));
  if (group == sizes.end() || m[67] != group->second || m.size() != 68 + group->second || der_structure(m)) return false;
  if (group->first > 25) return true;
  if (m[68] != 4) return false;
  const bytes_view xy = m.subspan(69);
  if (group->first == 23)
    return on_curve("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
                    "5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B", xy);
  if (group->first == 24)
    return on_curve("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFF",
                    "B3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF", xy);
  static const std::string p521 = "01FF" + std::string(128, 'F');
  return on_curve(
      p521.c_str(),
      "0051953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF073573DF883"
      "D2C34F1EF451FD46B503F00",
      xy);
}

bool is_client_12(bytes_view m) {
  static const std::map<int, char> letters{{1, 'h'},  {2, 'H'},  {11, 'C'}, {22, 's'},
                                           {12, 'k'}, {13, 'r'}, {14, 'd'}, {16, 'x'}};
  std::string flow;
  std::size_t at = 0;
  while (at < m.size()) {
    const auto letter = letters.find(m[at]);
    const std::size_t size = number(m, at + 1, 3);
    if (letter == letters.end() || at + 4 + size > m.size()) return false;
    flow += letter->second;
    const bytes_view body = m.subspan(at + 4, size);
    if ((m[at] == 1 || m[at] == 2) && !hello(body, m[at] == 1)) return false;
    at += 4 + size;
  }
  static const std::regex legal{"hHCs?k?rdCx"};
  return std::regex_match(flow, legal);
}

}  // namespace sealring::test::reference
