#include "agent/keeper/policy/tls_message.hpp"

#include "agent/der.hpp"
#include "sealring/detail/openssl.hpp"

#include <algorithm>
#include <array>

namespace sealring::agent::policy {
namespace {

constexpr std::string_view server_context = "TLS 1.3, server CertificateVerify";
constexpr std::string_view client_context = "TLS 1.3, client CertificateVerify";
constexpr std::size_t padding = 64;
constexpr std::size_t randoms = 32 + 32;

failure bad_tls(const char* why) { return fail(condition::bad_input, std::string{"TLS: "} + why); }

/// Integers and vectors of the presentation language (RFC 5246 section 4). Once something is missing, all that follows is.
class cursor {
public:
  explicit cursor(bytes_view data) noexcept : rest_{data} {}

  std::size_t number(std::size_t octets) noexcept {
    std::size_t value = 0;
    for (const std::uint8_t octet : take(octets)) value = value << 8 | octet;
    return value;
  }
  bytes_view take(std::size_t size) noexcept {
    if (size > rest_.size()) {
      good_ = false;
      return rest_ = {};
    }
    const bytes_view taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  bytes_view vector(std::size_t length_octets) noexcept { return take(number(length_octets)); }
  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] bool done() const noexcept { return good_ && rest_.empty(); }

private:
  bytes_view rest_;
  bool good_ = true;
};

bool is_certificate_verify_13(bytes_view m, std::string_view context) {
  const std::size_t hash_at = padding + context.size() + 1;
  return (m.size() == hash_at + 32 || m.size() == hash_at + 48) &&
         std::ranges::all_of(m.first(padding), [](std::uint8_t octet) { return octet == ' '; }) &&
         as_text(m.subspan(padding, context.size())) == context && m[hash_at - 1] == 0;
}

struct named_group {
  std::uint16_t id;  ///< RFC 8422 section 5.1.1
  int nid;           ///< 0 where any octets of the right length are a point (RFC 7748)
  std::size_t size;
  std::string_view detail;
};
constexpr std::array<named_group, 5> groups{{
    {23, NID_X9_62_prime256v1, 65, "TLS 1.2 ServerKeyExchange P-256"},
    {24, NID_secp384r1, 97, "TLS 1.2 ServerKeyExchange P-384"},
    {25, NID_secp521r1, 133, "TLS 1.2 ServerKeyExchange P-521"},
    {29, 0, 32, "TLS 1.2 ServerKeyExchange x25519"},
    {30, 0, 56, "TLS 1.2 ServerKeyExchange x448"},
}};

// Made once, never changed: to make one takes as long as to check a point.
const EC_GROUP* group_of(int nid) {
  using owned_group = sealring::detail::owned<EC_GROUP, EC_GROUP_free>;
  static const owned_group p256{EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};
  static const owned_group p384{EC_GROUP_new_by_curve_name(NID_secp384r1)};
  static const owned_group p521{EC_GROUP_new_by_curve_name(NID_secp521r1)};
  return (nid == NID_X9_62_prime256v1 ? p256 : nid == NID_secp384r1 ? p384 : p521).get();
}

bool is_on_curve(int nid, bytes_view point) {
  using owned_point = sealring::detail::owned<EC_POINT, EC_POINT_free>;
  constexpr std::uint8_t uncompressed = 4;
  if (point.front() != uncompressed) return false;
  const EC_GROUP* group = group_of(nid);
  const owned_point decoded{group != nullptr ? EC_POINT_new(group) : nullptr};
  const bool good = decoded && EC_POINT_oct2point(group, decoded.get(), point.data(), point.size(), nullptr) == 1;
  if (!good) ERR_clear_error();
  return good;
}

// A certification request, a certificate, a CRL, an OCSP response: all that X.509 signs is a SEQUENCE of elements, and what CMS
// signs a SET of them (RFC 5652 section 5.4). The randoms are whatever the asking process likes, so that these 64 octets could
// begin one. Were tag and length all it took, an honest x25519 handshake in 32768 would be refused; with the elements inside it
// is one in two million. (A JWS signing input it cannot be: curve_type, the octet 3, is not base64url.)
bool is_der(bytes_view m) {
  return std::ranges::any_of(std::array{der::sequence, der::set}, [m](std::uint8_t tag) {
    const auto content = der::only(tag, m);
    return content && der::is_series(*content);
  });
}

constexpr std::size_t tls_12 = 0x0303;

// From legacy_version to the extensions, which both hellos may lack.
bool is_hello(bytes_view body, bool client) {
  cursor in{body};
  if (in.number(2) != tls_12) return false;
  in.take(32);
  if (in.vector(1).size() > 32) return false;
  if (client) {
    const bytes_view suites = in.vector(2);
    if (suites.empty() || suites.size() % 2 != 0 || in.vector(1).empty()) return false;
  } else {
    in.take(3);
  }
  if (in.done()) return true;
  cursor extensions{in.vector(2)};
  while (extensions.good() && !extensions.done()) {
    extensions.take(2);
    extensions.vector(2);
  }
  return extensions.done() && in.done();
}

struct step {
  std::uint8_t type;
  bool optional;
};
// RFC 5246 section 7.3. A CertificateVerify follows a certificate, so both sides' are there; ServerKeyExchange is not with a
// static RSA key exchange; HelloRequest is never part of it (section 7.4.1.1).
constexpr std::uint8_t client_hello = 1, server_hello = 2;
constexpr std::array<step, 9> client_handshake{{{client_hello, false},
                                                {server_hello, false},
                                                {11, false},    // Certificate
                                                {22, true},     // CertificateStatus
                                                {12, true},     // ServerKeyExchange
                                                {13, false},    // CertificateRequest
                                                {14, false},    // ServerHelloDone
                                                {11, false},    // Certificate
                                                {16, false}}};  // ClientKeyExchange

bool is_client_handshake(bytes_view m) {
  cursor in{m};
  std::size_t type = in.number(1);
  for (const auto& [expected, optional] : client_handshake) {
    if (type != expected && optional) continue;
    const bytes_view body = in.vector(3);
    if (!in.good() || type != expected) return false;
    if ((type == client_hello || type == server_hello) && !is_hello(body, type == client_hello)) return false;
    if (in.done()) return expected == client_handshake.back().type;
    type = in.number(1);
  }
  return false;
}

}  // namespace

result<tls_message> parse_tls_server_message(bytes_view m) {
  if (is_certificate_verify_13(m, server_context))
    return tls_message{tls_form::certificate_verify_13, "TLS 1.3 server CertificateVerify"};
  constexpr std::uint8_t named_curve = 3;
  cursor in{m};
  in.take(randoms);
  if (in.number(1) != named_curve || !in.good())
    return bad_tls("neither a server's CertificateVerify content nor ServerKeyExchange with a named curve");
  const std::size_t id = in.number(2);
  const bytes_view point = in.vector(1);
  const auto group = std::ranges::find(groups, id, &named_group::id);
  if (group == groups.end()) return bad_tls("ServerKeyExchange: a curve other than x25519, x448, P-256, P-384 and P-521");
  if (!in.done() || point.size() != group->size) return bad_tls("ServerKeyExchange: the point has the wrong length");
  if (group->nid != 0 && !is_on_curve(group->nid, point)) return bad_tls("ServerKeyExchange: the point is not on its curve");
  if (is_der(m)) return bad_tls("ServerKeyExchange: its octets could also be read as a DER SEQUENCE or SET");
  return tls_message{tls_form::server_key_exchange_12, group->detail};
}

result<tls_message> parse_tls_client_message(bytes_view m) {
  if (is_certificate_verify_13(m, client_context))
    return tls_message{tls_form::certificate_verify_13, "TLS 1.3 client CertificateVerify"};
  if (is_client_handshake(m)) return tls_message{tls_form::certificate_verify_12, "TLS 1.2 client CertificateVerify"};
  return bad_tls("neither a client's CertificateVerify content nor a handshake from ClientHello to ClientKeyExchange");
}

}  // namespace sealring::agent::policy
