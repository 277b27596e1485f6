#include "sealring/x509/sct.hpp"
#include "unit/x509/issue.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <set>

namespace sealring::test {
namespace {

using namespace std::chrono;
using x509::sct_verdict;

constexpr x509::milliseconds_point today = sys_days{2026y / 6 / 2} + 12h;
constexpr std::uint64_t earlier = 1'780'000'000'123;  // of May 2026

/// The other side of RFC 6962, by hand: section 3.2 as it is written there.
struct promise {
  std::string certificate;  // hexadecimal DER, without SCTs
  EVP_PKEY* log = evp_of<es256>();
  EVP_PKEY* issuer = evp_of<es384>();
  std::uint64_t timestamp = earlier;
  std::string extensions = {};  // hexadecimal
};

std::string hex(bytes_view data) { return x509::detail::to_hex(data); }

std::string number(std::uint64_t value, int octets) {
  std::string text;
  for (int shift = 8 * octets - 8; shift >= 0; shift -= 8) {
    const auto octet = static_cast<std::uint8_t>(value >> shift);
    text += hex({&octet, 1});
  }
  return text;
}

/// opaque<..>, with a length of so many octets before it
std::string opaque(const std::string& content, int octets) { return number(content.size() / 2, octets) + content; }

std::string key_hash(EVP_PKEY* key) { return hex(must(hash<sha256>(detail::to_der<i2d_PUBKEY>(key))).view()); }

/// The first member of Certificate, as it stands there.
std::string tbs_of(const bytes& der) {
  const unsigned char* in = der.data();
  long size = 0;
  int tag = 0, type = 0;
  ASN1_get_object(&in, &size, &tag, &type, static_cast<long>(der.size()));
  const unsigned char* end = in;
  ASN1_get_object(&end, &size, &tag, &type, size);
  return hex({in, end + size});
}

std::string sign_sct(const promise& p) {
  const bytes text = unhex("0000" + number(p.timestamp, 8) + "0001" + key_hash(p.issuer) +
                           opaque(tbs_of(unhex(p.certificate)), 3) + opaque(p.extensions, 2));
  const detail::evp_md_ctx ctx{EVP_MD_CTX_new()};
  bytes signature(1024);
  std::size_t size = signature.size();
  REQUIRE(EVP_DigestSignInit(ctx.get(), nullptr, EVP_sha256(), nullptr, p.log) == 1);
  REQUIRE(EVP_DigestSign(ctx.get(), signature.data(), &size, text.data(), text.size()) == 1);
  signature.resize(size);
  const char* algorithm = EVP_PKEY_is_a(p.log, "RSA") == 1 ? "0401" : "0403";
  return "00" + key_hash(p.log) + number(p.timestamp, 8) + opaque(p.extensions, 2) + algorithm + opaque(hex(signature), 2);
}

std::string list_of(const std::vector<std::string>& scts) {
  std::string list;
  for (const std::string& sct : scts) list += opaque(sct, 2);
  return opaque(list, 2);
}

x509::certificate log_ca() {
  return issue({.subject = "ca", .issuer = "ca", .key = evp_of<es384>(), .issuer_key = evp_of<es384>()});
}

/// A certificate with the extension's value (hexadecimal) in the middle of others; without it where that is empty.
bytes logged_der(const std::string& value, const std::string& more = {}) {
  contents c{.issuer = "ca", .serial = "0b", .names = "DNS:example.com", .issuer_key = evp_of<es384>()};
  c.extensions = "basicConstraints=CA:FALSE\n";
  if (!value.empty()) c.extensions += "1.3.6.1.4.1.11129.2.4.2=DER:" + value + "\n";
  c.extensions += "keyUsage=digitalSignature\n" + more;
  return issue_der(c);
}

std::string octet_string(const std::string& content) {
  const std::size_t size = content.size() / 2;
  return (size < 0x80 ? "04" : size < 0x100 ? "0481" : "0482") + opaque(content, size < 0x100 ? 1 : 2);
}

x509::certificate logged(const std::vector<std::string>& scts) {
  return must(x509::certificate::from_der(logged_der(octet_string(list_of(scts)))));
}

promise promised() { return {.certificate = hex(logged_der(""))}; }

std::vector<x509::ct_log> logs() {
  return {{"Elm 2026", detail::to_der<i2d_PUBKEY>(evp_of<es256>()), {}},
          {"Oak 2026", detail::to_der<i2d_PUBKEY>(evp_of<rs256>()), {}}};
}

/// libcrypto's own verdicts; it takes logs from a file only.
std::vector<sct_validation_status_t> referee(const x509::certificate& certificate, const std::vector<x509::ct_log>& known) {
  std::string names, sections;
  for (const auto& log : known) {
    const std::string name = "log" + std::to_string(names.size());
    std::string key(4 * (log.spki.size() / 3 + 1) + 1, '\0');
    EVP_EncodeBlock(reinterpret_cast<unsigned char*>(key.data()), log.spki.data(), static_cast<int>(log.spki.size()));
    names += name + ",";
    sections += "[" + name + "]\ndescription=" + log.description + "\nkey=" + key.c_str() + "\n";
  }
  const std::string text = "enabled_logs=" + names + "\n" + sections;
  const int fd = memfd_create("logs", MFD_CLOEXEC);  // a file that leaves nothing behind
  REQUIRE(write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  const std::string file = "/proc/self/fd/" + std::to_string(fd);
  const detail::owned<CTLOG_STORE, CTLOG_STORE_free> store{CTLOG_STORE_new()};
  const int loaded = CTLOG_STORE_load_file(store.get(), file.c_str());
  close(fd);
  REQUIRE(loaded == 1);
  const detail::owned<CT_POLICY_EVAL_CTX, CT_POLICY_EVAL_CTX_free> ctx{CT_POLICY_EVAL_CTX_new()};
  const auto issuer = log_ca();
  CT_POLICY_EVAL_CTX_set1_cert(ctx.get(), certificate.native_handle());
  CT_POLICY_EVAL_CTX_set1_issuer(ctx.get(), issuer.native_handle());
  CT_POLICY_EVAL_CTX_set_shared_CTLOG_STORE(ctx.get(), store.get());
  CT_POLICY_EVAL_CTX_set_time(ctx.get(), static_cast<std::uint64_t>(today.time_since_epoch().count()));
  const x509::detail::sct_list list{
      static_cast<STACK_OF(SCT)*>(X509_get_ext_d2i(certificate.native_handle(), NID_ct_precert_scts, nullptr, nullptr))};
  REQUIRE(SCT_LIST_validate(list.get(), ctx.get()) >= 0);
  ERR_clear_error();
  std::vector<sct_validation_status_t> verdicts;
  for (int i = 0; i < sk_SCT_num(list.get()); ++i) verdicts.push_back(SCT_get_validation_status(sk_SCT_value(list.get(), i)));
  return verdicts;
}

/// What libcrypto, which knows of no retirement, must say with us.
sct_validation_status_t as_libcrypto(sct_verdict verdict) {
  switch (verdict) {
    case sct_verdict::valid:
    case sct_verdict::after_retirement: return SCT_VALIDATION_STATUS_VALID;
    case sct_verdict::unknown_log: return SCT_VALIDATION_STATUS_UNKNOWN_LOG;
    case sct_verdict::unknown_version: return SCT_VALIDATION_STATUS_UNKNOWN_VERSION;
    default: return SCT_VALIDATION_STATUS_INVALID;
  }
}

std::vector<sct_verdict> verdicts(const std::vector<std::string>& scts, const std::vector<x509::ct_log>& known = logs()) {
  const auto certificate = logged(scts);
  std::vector<sct_verdict> all;
  std::vector<sct_validation_status_t> expected;
  for (const auto& judged : must(x509::verify_scts(certificate, log_ca(), known, today))) {
    all.push_back(judged.verdict);
    expected.push_back(as_libcrypto(judged.verdict));
  }
  CHECK(referee(certificate, known) == expected);
  return all;
}

std::error_code list_refusal(const std::string& value, const std::string& more = {}) {
  const auto certificate = must(x509::certificate::from_der(logged_der(value, more)));
  return refusal(x509::verify_scts(certificate, log_ca(), logs(), today));
}

}  // namespace

TEST_CASE("sct: two logs' promises, with what they say of themselves", "[x509/sct]") {
  promise by_oak = promised();
  by_oak.log = evp_of<rs256>();
  by_oak.timestamp += 1;
  const std::vector scts{sign_sct(promised()), sign_sct(by_oak)};
  CHECK(verdicts(scts) == std::vector{sct_verdict::valid, sct_verdict::valid});
  const auto judged = must(x509::verify_scts(logged(scts), log_ca(), logs(), today));
  REQUIRE(judged.size() == 2);
  CHECK(judged[0].log_id == key_hash(evp_of<es256>()));
  CHECK(judged[0].description == "Elm 2026");
  CHECK(judged[0].timestamp == earlier);
  CHECK(judged[1].log_id == key_hash(evp_of<rs256>()));
  CHECK(judged[1].description == "Oak 2026");
  CHECK(judged[1].timestamp == earlier + 1);
}

TEST_CASE("sct: none", "[x509/sct]") {
  const auto certificate = must(x509::certificate::from_der(logged_der("")));
  CHECK(must(x509::verify_scts(certificate, log_ca(), logs(), today)).empty());
}

TEST_CASE("sct: extensions, as static-ct logs have them, are signed too", "[x509/sct]") {
  promise with_index = promised();
  with_index.extensions = "0000050000001234";  // leaf_index
  std::string sct = sign_sct(with_index);
  CHECK(verdicts({sct}) == std::vector{sct_verdict::valid});
  const auto at = sct.find(with_index.extensions);
  REQUIRE(at != std::string::npos);
  sct[at + 15] = '5';
  CHECK(verdicts({sct}) == std::vector{sct_verdict::bad_signature});
}

TEST_CASE("sct: forged ones, in every member", "[x509/sct]") {
  const std::string good = sign_sct(promised());
  const std::size_t timestamp = 2 + 64, signature = timestamp + 16 + 4 + 4 + 4 + 20;
  for (const std::size_t at : {timestamp + 15, signature}) {
    std::string forged = good;
    forged[at] = forged[at] == '0' ? '1' : '0';
    INFO(at);
    CHECK(verdicts({forged, good}) == std::vector{sct_verdict::bad_signature, sct_verdict::valid});
  }
  promise other = promised();
  other.issuer = evp_of<es256>();
  CHECK(verdicts({sign_sct(other)}) == std::vector{sct_verdict::bad_signature});
  other = promised();
  other.certificate = hex(issue_der({.issuer = "ca", .issuer_key = evp_of<es384>()}));
  CHECK(verdicts({sign_sct(other)}) == std::vector{sct_verdict::bad_signature});

  // another's signature under the log's name
  other = promised();
  other.log = evp_of<rs256>();
  std::string forged = sign_sct(other).replace(2, 64, key_hash(evp_of<es256>()));
  CHECK(verdicts({forged}) == std::vector{sct_verdict::bad_signature});
  // the right signature under another algorithm's name, at which libcrypto does not look
  forged = good;
  forged.replace(timestamp + 20, 4, "0401");
  CHECK(must(x509::verify_scts(logged({forged}), log_ca(), logs(), today)).at(0).verdict == sct_verdict::bad_signature);
}

TEST_CASE("sct: a log that nobody knows, or whose key cannot be read", "[x509/sct]") {
  promise p = promised();
  p.log = make_evp("EC", "P-256").release();
  const detail::evp_pkey owner{p.log};
  CHECK(verdicts({sign_sct(p), sign_sct(promised())}) == std::vector{sct_verdict::unknown_log, sct_verdict::valid});
  const auto judged = must(x509::verify_scts(logged({sign_sct(p)}), log_ca(), {}, today));
  CHECK(judged.at(0).verdict == sct_verdict::unknown_log);
  CHECK(judged.at(0).log_id == key_hash(p.log));
  CHECK(judged.at(0).description.empty());

  const bytes no_key{0x30, 0x00};
  const std::string sct = sign_sct(promised()).replace(2, 64, hex(must(hash<sha256>(no_key)).view()));
  const std::vector<x509::ct_log> broken{{"broken", no_key, {}}};
  CHECK(must(x509::verify_scts(logged({sct}), log_ca(), broken, today)).at(0).verdict == sct_verdict::bad_signature);
}

TEST_CASE("sct: not of the future, however far", "[x509/sct]") {
  const auto now = static_cast<std::uint64_t>(today.time_since_epoch().count());
  const std::pair<std::uint64_t, sct_verdict> table[] = {
      {0, sct_verdict::valid},
      {now, sct_verdict::valid},
      {now + 1, sct_verdict::from_the_future},
      {std::uint64_t{1} << 63, sct_verdict::from_the_future},
      {~std::uint64_t{}, sct_verdict::from_the_future},
  };
  for (const auto& [timestamp, verdict] : table) {
    INFO(timestamp);
    promise p = promised();
    p.timestamp = timestamp;
    CHECK(verdicts({sign_sct(p)}) == std::vector{verdict});
  }
}

TEST_CASE("sct: what a log signed after its retirement does not count, what it did before does", "[x509/sct]") {
  auto known = logs();
  const x509::milliseconds_point then{milliseconds{earlier}};
  known[0].retired = then;
  CHECK(verdicts({sign_sct(promised())}, known) == std::vector{sct_verdict::valid});
  known[0].retired = then - 1ms;
  CHECK(verdicts({sign_sct(promised())}, known) == std::vector{sct_verdict::after_retirement});
}

TEST_CASE("sct: a version of the future does not hide the others", "[x509/sct]") {
  const std::string good = sign_sct(promised());
  CHECK(verdicts({"01c0ffee", good}) == std::vector{sct_verdict::unknown_version, sct_verdict::valid});
}

TEST_CASE("sct: a list that does not parse is an error", "[x509/sct]") {
  const std::string good = sign_sct(promised());
  const std::string list = list_of({good});
  CHECK(list_refusal(octet_string(list)) == std::error_code{});
  std::string other_hash = good;
  other_hash.replace(2 + 64 + 20, 2, "05");
  const std::string table[] = {
      list,                                           // no OCTET STRING about it
      "0400",                                         // nothing
      octet_string("0000"),                           // an empty list
      octet_string(list) + "00",                      // octets behind it
      octet_string(list + "00"),                      // octets behind the list
      octet_string(list.substr(0, list.size() - 2)),  // cut off
      octet_string(list_of({good + "00"})),           // octets behind a signature
      octet_string(list_of({good.substr(0, 80)})),    // an SCT that ends in its timestamp
      octet_string(list_of({good, ""})),              // an empty SCT
      octet_string(list_of({other_hash})),            // SHA-384
      octet_string(opaque("ffff" + good, 2)),         // longer than the list
  };
  for (const std::string& value : table) {
    INFO(value);
    CHECK(list_refusal(value) == errc::bad_sct_list);
  }
  CHECK(list_refusal(octet_string(list), "[default]\n1.3.6.1.4.1.11129.2.4.2=DER:0400") == errc::bad_sct_list);
}

TEST_CASE("sct: the issuer must be the certificate's", "[x509/sct]") {
  const auto another = issue({.subject = "ca", .issuer = "ca", .key = evp_of<es512>(), .issuer_key = evp_of<es512>()});
  CHECK(refusal(x509::verify_scts(logged({sign_sct(promised())}), another, logs(), today)) == errc::chain_out_of_order);
}

TEST_CASE("sct: every verdict has a name of its own", "[x509/sct]") {
  std::set<std::string_view> names;
  for (int v = 0; v <= static_cast<int>(sct_verdict::after_retirement); ++v)
    CHECK(names.insert(name(static_cast<sct_verdict>(v))).second);
  CHECK(names.count("unknown verdict") == 0);
}

}  // namespace sealring::test
