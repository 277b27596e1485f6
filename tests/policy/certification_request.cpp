#include "agent/keeper/policy/certification_request.hpp"

#include "policy/outcome.hpp"
#include "sealring/x509/csr.hpp"
#include "unit/support.hpp"

namespace sealring::test {
namespace {

using agent::policy::parse_certification_request;
using agent::policy::parse_certification_request_info;

const std::vector<identifier> some_names{{identifier::type::dns, "example.com"}, {identifier::type::ip, "192.0.2.1"}};

bytes tlv(int tag, std::initializer_list<bytes> parts) {
  bytes content;
  for (const bytes& part : parts) content.insert(content.end(), part.begin(), part.end());
  bytes out{static_cast<std::uint8_t>(tag)};
  if (content.size() >= 256) out.insert(out.end(), {0x82, static_cast<std::uint8_t>(content.size() >> 8)});
  else if (content.size() >= 128) out.push_back(0x81);
  out.push_back(static_cast<std::uint8_t>(content.size()));
  out.insert(out.end(), content.begin(), content.end());
  return out;
}
bytes text(std::string_view value) { return to_bytes(as_bytes(value)); }

const bytes cn = unhex("0603550403"), san_id = unhex("0603551d11"), ext_req = unhex("06092a864886f70d01090e"),
            critical = unhex("0101ff"), dns_name = tlv(0x82, {text("example.com")});

struct parts {
  bytes version = unhex("020100");
  bytes subject = unhex("3000");
  bytes spki = must(to_spki(key_of<es256>().public_key()));
  bytes names = tlv(0x30, {dns_name});
  bytes extension_head = san_id;
  bytes more_extensions{}, more_attributes{};

  bool read() const {
    const bytes extension = tlv(0x30, {extension_head, tlv(0x04, {names})});
    const bytes attribute = tlv(0x30, {ext_req, tlv(0x31, {tlv(0x30, {extension, more_extensions})})});
    return parse_certification_request_info(tlv(0x30, {version, subject, spki, tlv(0xa0, {attribute, more_attributes})}))
        .has_value();
  }
};

}  // namespace

TEST_CASE("certification_request: what our own maker writes", "[certification_request]") {
  for_each_algorithm([](auto a) {
    const auto& key = key_of<decltype(a)>();
    const bytes whole = must(x509::make_csr(key, some_names));
    const auto request = detail::from_der<detail::x509_req, d2i_X509_REQ>(whole);
    const bytes info = detail::to_der<i2d_re_X509_REQ_tbs>(request.get());
    const auto read = parse_certification_request_info(info);
    REQUIRE(read);
    CHECK(read->names == some_names);
    CHECK(read->spki == must(to_spki(key.public_key())));
    CHECK(parse_certification_request(whole).has_value() == (a.id != algorithm_id::ps256));
    // Not a bit less, and no flip in lengths or tags goes through unseen.
    for (std::size_t i = 0; i < info.size(); ++i) CHECK_FALSE(parse_certification_request_info({info.data(), i}));
    bytes longer = info;
    longer.push_back(0);
    CHECK_FALSE(parse_certification_request_info(longer));
  });
}

TEST_CASE("certification_request: nothing else that a CA might act on", "[certification_request]") {
  CHECK(parts{}.read());
  CHECK(parts{.extension_head = tlv(0x30, {san_id, critical})}.read() == false);
  bytes head = san_id;
  head.insert(head.end(), critical.begin(), critical.end());
  CHECK(parts{.extension_head = head}.read());
  head.back() = 0;  // FALSE, which DER leaves out
  CHECK_FALSE(parts{.extension_head = head}.read());
  head.back() = 1;  // BER's TRUE
  CHECK_FALSE(parts{.extension_head = head}.read());
  CHECK_FALSE(parts{.version = unhex("020101")}.read());
  CHECK_FALSE(parts{.version = unhex("02020000")}.read());
  const auto subject = [](int type, const char* value, const bytes& oid = cn) {
    return tlv(0x30, {tlv(0x31, {tlv(0x30, {oid, tlv(type, {text(value)})})})});
  };
  CHECK(parts{.subject = subject(0x0c, "example.com")}.read());
  CHECK(parts{.subject = subject(0x13, "example.com")}.read());
  CHECK_FALSE(parts{.subject = subject(0x16, "example.com")}.read());
  CHECK_FALSE(parts{.subject = subject(0x0c, "evil.example")}.read());
  CHECK_FALSE(parts{.subject = subject(0x0c, "Example.com")}.read());
  CHECK_FALSE(parts{.subject = subject(0x0c, "example.com", unhex("060355040a"))}.read());
  const auto named = [](std::initializer_list<bytes> list) { return parts{.names = tlv(0x30, list)}.read(); };
  CHECK(named({dns_name, tlv(0x87, {unhex("c0000201")}), tlv(0x82, {text("*.example.com")})}));
  CHECK_FALSE(named({}));
  CHECK_FALSE(named({dns_name, dns_name}));
  CHECK_FALSE(named({tlv(0x82, {text("Example.com")})}));
  CHECK_FALSE(named({tlv(0x82, {text("example.com.")})}));
  CHECK_FALSE(named({tlv(0x82, {text("192.0.2.1")})}));
  CHECK_FALSE(named({tlv(0x82, {bytes{'a', 0, 'b'}})}));
  CHECK_FALSE(named({tlv(0x87, {unhex("c00002")})}));
  CHECK_FALSE(named({dns_name, tlv(0x81, {text("a@example.com")})}));
  CHECK_FALSE(named({dns_name, tlv(0x86, {text("https://example.com")})}));
  CHECK_FALSE(parts{.more_extensions = tlv(0x30, {unhex("0603551d13"), tlv(0x04, {unhex("30030101ff")})})}.read());
  CHECK_FALSE(
      parts{.more_attributes = tlv(0x30, {unhex("06092a864886f70d010907"), tlv(0x31, {tlv(0x0c, {text("x")})})})}.read());
  CHECK_FALSE(parts{.spki = unhex("3000")}.read());
}

TEST_CASE("certification_request: lengths in their shortest form only", "[certification_request]") {
  const auto request = detail::from_der<detail::x509_req, d2i_X509_REQ>(must(x509::make_csr(key_of<es256>(), some_names)));
  bytes info = detail::to_der<i2d_re_X509_REQ_tbs>(request.get());
  REQUIRE(info[1] == 0x81);
  bytes longer = info;
  longer[1] = 0x82;
  longer.insert(longer.begin() + 2, 0);
  CHECK_FALSE(parse_certification_request_info(longer));
  info[1] = 0x80;  // BER's indefinite length
  CHECK_FALSE(parse_certification_request_info(info));
}

}  // namespace sealring::test
