#include "agent/keeper/policy/certification_request.hpp"

#include "agent/der.hpp"
#include "sealring/x509/algorithm_identifier.hpp"

#include <algorithm>
#include <array>

namespace sealring::agent::policy {
namespace {

constexpr fixed_bytes<1> version_1{0};
constexpr fixed_bytes<3> common_name{0x55, 0x04, 0x03};
constexpr fixed_bytes<9> extension_request{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e};
constexpr fixed_bytes<3> subject_alt_name{0x55, 0x1d, 0x11};
constexpr fixed_bytes<1> true_value{0xff};

failure bad_csr(const char* why) { return fail(condition::bad_input, std::string{"certification request: "} + why); }

bool is(const std::optional<der::element>& e, bytes_view content) { return e && std::ranges::equal(e->content, content); }

// dNSName and iPAddress as parse_identifier would write them.
std::optional<identifier> to_identifier(const der::element& e) {
  if (e.tag == der::primitive(7)) {
    auto address = ip_identifier(e.content);
    return address ? std::optional{*std::move(address)} : std::nullopt;
  }
  if (e.tag != der::primitive(2)) return std::nullopt;
  const std::string_view text = as_text(e.content);
  auto id = parse_identifier(text);
  if (!id || id->kind != identifier::type::dns || id->value != text) return std::nullopt;
  return *std::move(id);
}

result<std::vector<identifier>> general_names(bytes_view extension_value) {
  const auto list = der::only(der::sequence, extension_value);
  if (!list) return bad_csr("subjectAltName is no GeneralNames");
  std::vector<identifier> names;
  for (der::reader r{*list}; !r.done();) {
    const auto e = r.next();
    auto id = e ? to_identifier(*e) : std::nullopt;
    if (!id) return bad_csr("a subjectAltName is no canonical dNSName or iPAddress");
    if (std::ranges::find(names, *id) != names.end()) return bad_csr("a subjectAltName is there twice");
    names.push_back(*std::move(id));
  }
  if (names.empty()) return bad_csr("subjectAltName is empty");
  return names;
}

// [0] { SEQUENCE { extensionRequest, SET { SEQUENCE { SEQUENCE { subjectAltName, critical?, OCTET STRING } } } } }
result<std::vector<identifier>> requested_names(bytes_view attributes) {
  const auto attribute = der::only(der::sequence, attributes);
  if (!attribute) return bad_csr("there must be one attribute, extensionRequest");
  der::reader in_attribute{*attribute};
  const auto type = in_attribute.next(der::object_identifier);
  const auto values = in_attribute.next(der::set);
  if (!is(type, extension_request) || !values || !in_attribute.done())
    return bad_csr("there must be one attribute, extensionRequest");
  const auto extensions = der::only(der::sequence, values->content);
  const auto extension = extensions ? der::only(der::sequence, *extensions) : std::nullopt;
  if (!extension) return bad_csr("there must be one extension, subjectAltName");
  der::reader in_extension{*extension};
  if (!is(in_extension.next(der::object_identifier), subject_alt_name))
    return bad_csr("there must be one extension, subjectAltName");
  auto value = in_extension.next();
  if (value && value->tag == der::boolean) {  // DER leaves out the default, FALSE
    if (!is(value, true_value)) return bad_csr("subjectAltName: critical is neither TRUE nor left out");
    value = in_extension.next();
  }
  if (!value || value->tag != der::octet_string || !in_extension.done()) return bad_csr("subjectAltName is malformed");
  return general_names(value->content);
}

bool is_subject(bytes_view rdns, const std::vector<identifier>& names) {
  if (rdns.empty()) return true;
  const auto rdn = der::only(der::set, rdns);
  const auto pair = rdn ? der::only(der::sequence, *rdn) : std::nullopt;
  if (!pair) return false;
  der::reader in_pair{*pair};
  const auto type = in_pair.next(der::object_identifier);
  const auto value = in_pair.next();
  if (!is(type, common_name) || !value || !in_pair.done()) return false;
  if (value->tag != der::utf8_string && value->tag != der::printable_string) return false;
  return std::ranges::any_of(names, [&](const identifier& id) { return id.value == as_text(value->content); });
}

// SEQUENCE { SEQUENCE { OID, parameters? }, BIT STRING without unused bits }
bool is_spki(bytes_view content) {
  der::reader r{content};
  const auto algorithm = r.next(der::sequence);
  const auto key = r.next(der::bit_string);
  return algorithm && der::is_series(algorithm->content) && key && r.done() && key->content.size() > 1 && key->content[0] == 0;
}

// Those that judge_tls lets a CSR be signed with.
bool is_signature_algorithm(bytes_view der) {
  using enum algorithm_id;
  return std::ranges::any_of(std::array{es256, es384, es512, rs256, eddsa}, [&](algorithm_id id) {
    const auto known = x509::algorithm_identifier(id);
    return known && std::ranges::equal(sealring::detail::to_der<i2d_X509_ALGOR>(known.get()), der);
  });
}

}  // namespace

result<certification_request> parse_certification_request_info(bytes_view data) {
  const auto info = der::only(der::sequence, data);
  if (!info) return bad_csr("not one DER SEQUENCE");
  der::reader r{*info};
  if (!is(r.next(der::integer), version_1)) return bad_csr("its version is not 1 (0)");
  const auto subject = r.next(der::sequence);
  const auto spki = r.next(der::sequence);
  const auto attributes = r.next(der::constructed(0));
  if (!subject || !spki || !attributes || !r.done()) return bad_csr("its fields are not those of RFC 2986 section 4.1");
  if (!is_spki(spki->content)) return bad_csr("its SubjectPublicKeyInfo is malformed");
  auto names = requested_names(attributes->content);
  if (!names) return names.error();
  if (!is_subject(subject->content, *names)) return bad_csr("its subject is neither empty nor a commonName of subjectAltName");
  return certification_request{{spki->whole.begin(), spki->whole.end()}, *std::move(names)};
}

result<certification_request> parse_certification_request(bytes_view data) {
  const auto whole = der::only(der::sequence, data);
  if (!whole) return bad_csr("not one DER SEQUENCE");
  der::reader r{*whole};
  const auto info = r.next(der::sequence);
  const auto algorithm = r.next(der::sequence);
  const auto signature = r.next(der::bit_string);
  if (!info || !algorithm || !signature || !r.done() || signature->content.size() < 2 || signature->content[0] != 0)
    return bad_csr("its fields are not those of RFC 2986 section 4.2");
  if (!is_signature_algorithm(algorithm->whole)) return bad_csr("its signature algorithm is none that is used here");
  return parse_certification_request_info(info->whole);
}

}  // namespace sealring::agent::policy
