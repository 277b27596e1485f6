#include "agent/keeper/policy/tls_message.hpp"

#include "policy/outcome.hpp"
#include "policy/scene.hpp"

namespace sealring::test {
namespace {

using policy::parse_tls_client_message;
using policy::parse_tls_server_message;

const bytes& captured(std::string_view label) { return the_scene()[label].payload; }

bytes key_exchange(unsigned group, const bytes& point) {
  bytes m(64, 'r');
  m.insert(m.end(), {3, 0, static_cast<std::uint8_t>(group), static_cast<std::uint8_t>(point.size())});
  m.insert(m.end(), point.begin(), point.end());
  return m;
}

/// The captured client handshake, message by message.
std::vector<bytes> messages() {
  std::vector<bytes> out;
  for (bytes_view rest = captured("1.2 X25519 client"); !rest.empty();) {
    const std::size_t size = 4 + (std::size_t{rest[1]} << 16 | std::size_t{rest[2]} << 8 | rest[3]);
    out.push_back(to_bytes(rest.first(size)));
    rest = rest.subspan(size);
  }
  return out;
}

bool reads(const std::vector<bytes>& all) {
  bytes m;
  for (const bytes& one : all) m.insert(m.end(), one.begin(), one.end());
  return parse_tls_client_message(m).has_value();
}

}  // namespace

TEST_CASE("tls_message: TLS 1.3, to the octet", "[tls_message]") {
  for (const char* label : {"1.3 P-256 server", "1.3 SHA-384 server"}) {
    const bytes& m = captured(label);
    REQUIRE(parse_tls_server_message(m));
    CHECK_FALSE(parse_tls_client_message(m));
    for (std::size_t i = 0; i < 64 + 33 + 1; ++i) {
      bytes other = m;
      other[i] ^= 1;
      CHECK_FALSE(parse_tls_server_message(other));
    }
    for (const std::size_t size : {m.size() - 1, std::size_t{98}, std::size_t{64}, std::size_t{0}})
      CHECK_FALSE(parse_tls_server_message({m.data(), size}));
    bytes longer = m;
    longer.insert(longer.begin(), ' ');
    CHECK_FALSE(parse_tls_server_message(longer));
    longer = m;
    longer.push_back(0);
    CHECK_FALSE(parse_tls_server_message(longer));
  }
}

TEST_CASE("tls_message: ServerKeyExchange with a valid point and nothing more", "[tls_message]") {
  for (const char* label :
       {"1.2 X25519 server", "1.2 X448 server", "1.2 P-256 server", "1.2 P-384 server", "1.2 P-521 server"}) {
    INFO(label);
    const bytes& m = captured(label);
    CHECK(parse_tls_server_message(m));
    CHECK_FALSE(parse_tls_client_message(m));
    CHECK_FALSE(parse_tls_server_message({m.data(), m.size() - 1}));
    bytes longer = m;
    longer.push_back(0);
    CHECK_FALSE(parse_tls_server_message(longer));
    const bool nist = label[4] == 'P';
    bytes off = m;
    off.back() ^= 1;
    CHECK(parse_tls_server_message(off).has_value() == !nist);
  }
  bytes compressed = captured("1.2 P-256 server");
  compressed[68] = 2, compressed[67] = 33;
  compressed.resize(68 + 33);
  CHECK_FALSE(parse_tls_server_message(compressed));
  CHECK_FALSE(parse_tls_server_message(key_exchange(23, bytes(1, 0))));  // the point at infinity
  CHECK_FALSE(parse_tls_server_message(key_exchange(23, bytes(65, 4))));
  CHECK_FALSE(parse_tls_server_message(key_exchange(22, bytes(65, 4))));  // secp256k1
  CHECK(parse_tls_server_message(key_exchange(29, bytes(32, 9))));
  bytes explicit_curve = key_exchange(29, bytes(32, 9));
  explicit_curve[64] = 1;
  CHECK_FALSE(parse_tls_server_message(explicit_curve));
}

TEST_CASE("tls_message: DHE parameters are refused", "[tls_message]") {
  bytes m(64, 'r');
  for (int vector = 0; vector < 3; ++vector) {
    m.insert(m.end(), {0x01, 0x00});
    m.insert(m.end(), 256, 0x5a);
  }
  CHECK_FALSE(parse_tls_server_message(m));
  m[64] = 3;  // a p of 768 octets begins like a named curve
  m.resize(64 + 2 + 768);
  CHECK_FALSE(parse_tls_server_message(m));
}

TEST_CASE("tls_message: not what is also a DER SEQUENCE or SET", "[tls_message]") {
  // SEQUENCE { OCTET STRING, and then the parameters, whose 3 0 and 29 32 happen to be two tags with their lengths }
  bytes m = key_exchange(29, bytes(32, 9));
  REQUIRE(m.size() == 100);
  for (const std::uint8_t tag : bytes{0x30, 0x31}) {  // a SET is what CMS signs
    m[0] = tag, m[1] = 98, m[2] = 0x04, m[3] = 60;
    CHECK_FALSE(parse_tls_server_message(m));
    m[3] = 96;
    CHECK_FALSE(parse_tls_server_message(m));
  }
  m[3] = 59;  // what follows is no element
  CHECK(parse_tls_server_message(m));
  m[3] = 60, m[1] = 97;  // an octet too many for it
  CHECK(parse_tls_server_message(m));
}

TEST_CASE("tls_message: a client's handshake, whole and in order", "[tls_message]") {
  const auto all = messages();
  REQUIRE(all.size() == 8);
  CHECK(reads(all));
  for (std::size_t i = 0; i < all.size(); ++i) {
    INFO("message " << i << " of type " << int{all[i][0]});
    auto less = all;
    less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK(reads(less) == (all[i][0] == 12));  // ServerKeyExchange may be absent
    auto twice = all;
    twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(i), all[i]);
    CHECK_FALSE(reads(twice));
    auto shorter = all;
    shorter[i].pop_back();
    CHECK_FALSE(reads(shorter));
    auto with_request = all;
    with_request.insert(with_request.begin() + static_cast<std::ptrdiff_t>(i), bytes{0, 0, 0, 0});  // HelloRequest
    CHECK_FALSE(reads(with_request));
    if (i + 1 == all.size()) continue;
    auto swapped = all;
    std::swap(swapped[i], swapped[i + 1]);
    CHECK_FALSE(reads(swapped));
  }
  auto stapled = all;
  stapled.insert(stapled.begin() + 3, bytes{22, 0, 0, 5, 1, 0, 0, 1, 0});
  CHECK(reads(stapled));
  auto verified = all;
  verified.push_back({15, 0, 0, 4, 4, 3, 0, 0});
  CHECK_FALSE(reads(verified));
  auto of_13 = all;
  of_13[1][5] = 4;
  CHECK_FALSE(reads(of_13));
}

}  // namespace sealring::test
