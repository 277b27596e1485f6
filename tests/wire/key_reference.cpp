#include "agent/client/key_reference.hpp"

#include "agent/wire/frame.hpp"
#include "sealring/pem.hpp"
#include "unit/support.hpp"

#include <random>

namespace sealring::test {

using client::key_reference;
using client::read_key_reference;
using wire::errc;

namespace {

/// The smallest thing that is a SEQUENCE: what is in it is for whoever loads the key.
const bytes empty_spki{0x30, 0x00};

key_reference usual() {
  return {.key = "example.com",
          .sockets = {"/run/sealring/sign.sock"},
          .agent = 997,
          .spki = must(to_spki(key_of<es256>().public_key()))};
}

std::error_code code_of(const bytes& der) {
  const auto read = read_key_reference(der);
  return read ? std::error_code{} : read.error().code;
}

bytes wrapped(std::uint8_t tag, const bytes& content) {
  bytes out{tag};
  if (content.size() >= 0x80) out.push_back(0x81);
  out.push_back(static_cast<std::uint8_t>(content.size()));
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

bytes text(std::string_view t) { return wrapped(0x0c, to_bytes(as_bytes(t))); }

/// A reference put together from parts, right or wrong.
struct parts {
  bytes version = text("sealring-reference-1"), key = text("k"), sockets = wrapped(0x30, text("@s")), agent{0x02, 0x01, 0x05},
        spki = empty_spki, more{};
  bytes whole() const {
    bytes all;
    for (const bytes* one : {&version, &key, &sockets, &agent, &spki, &more}) all.insert(all.end(), one->begin(), one->end());
    return wrapped(0x30, all);
  }
};

}  // namespace

TEST_CASE("a reference is read as it was written", "[key_reference]") {
  for_each_algorithm([]<class A>(A) {
    auto r = usual();
    r.spki = must(to_spki(key_of<A>().public_key()));
    const auto der = client::to_der(r).value();
    CHECK(read_key_reference(der).value() == r);
    CHECK(client::claims_to_be_key_reference(der));
    const auto blocks = must(from_pem(client::key_reference_label, client::to_pem(r).value()));
    REQUIRE(blocks.size() == 1);
    CHECK(blocks[0] == der);
  });
}

TEST_CASE("every uid has one form", "[key_reference]") {
  const std::pair<uid_t, bytes> forms[] = {{0, {0x02, 0x01, 0x00}},
                                           {127, {0x02, 0x01, 0x7f}},
                                           {128, {0x02, 0x02, 0x00, 0x80}},
                                           {255, {0x02, 0x02, 0x00, 0xff}},
                                           {256, {0x02, 0x02, 0x01, 0x00}},
                                           {0x7fff'ffff, {0x02, 0x04, 0x7f, 0xff, 0xff, 0xff}},
                                           {0x8000'0000, {0x02, 0x05, 0x00, 0x80, 0x00, 0x00, 0x00}},
                                           {0xffff'fffe, {0x02, 0x05, 0x00, 0xff, 0xff, 0xff, 0xfe}}};
  for (const auto& [uid, form] : forms) {
    INFO("uid " << uid);
    parts p;
    p.agent = form;
    const key_reference r{.key = "k", .sockets = {"@s"}, .agent = uid, .spki = empty_spki};
    CHECK(client::to_der(r).value() == p.whole());
    CHECK(read_key_reference(p.whole()).value() == r);
  }
  for (const bytes& wrong : {bytes{0x02, 0x00},                                                   // nothing
                             bytes{0x02, 0x02, 0x00, 0x05},                                       // a zero too many
                             bytes{0x02, 0x05, 0x00, 0x00, 0x80, 0x00, 0x00},                     // the same, further on
                             bytes{0x02, 0x01, 0x80}, bytes{0x02, 0x04, 0xff, 0xff, 0xff, 0xfe},  // negative
                             bytes{0x02, 0x05, 0x01, 0x00, 0x00, 0x00, 0x00},                     // 2^32
                             bytes{0x02, 0x06, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00},               // 2^39
                             bytes{0x0a, 0x01, 0x05}}) {                                          // ENUMERATED
    parts p;
    p.agent = wrong;
    CHECK(code_of(p.whole()) == errc::bad_value);
  }
}

TEST_CASE("names and sockets up to their limits", "[key_reference]") {
  auto r = usual();
  r.key = std::string(wire::max_name, 'n');
  r.sockets.assign(8, "@" + std::string(106, 's'));
  r.sockets[7] = "/" + std::string(106, 'p');
  CHECK(read_key_reference(client::to_der(r).value()).value() == r);

  const auto refused = [](const key_reference& wrong) { return client::to_der(wrong).error().code; };
  auto wrong = r;
  wrong.key += 'n';
  CHECK(refused(wrong) == errc::bad_name);
  wrong.key = "";
  CHECK(refused(wrong) == errc::bad_name);
  wrong.key = "a/b";
  CHECK(refused(wrong) == errc::bad_name);
  wrong = r;
  wrong.sockets.push_back("@ninth");
  CHECK(refused(wrong) == errc::bad_value);
  wrong.sockets.clear();
  CHECK(refused(wrong) == errc::bad_value);
  wrong.sockets = {"@a", "relative"};
  CHECK(refused(wrong) == errc::bad_address);
  wrong.sockets = {"@" + std::string(107, 's')};
  CHECK(refused(wrong) == errc::bad_address);
  wrong.sockets = {"@a\nb"};
  CHECK(refused(wrong) == errc::bad_text);
  wrong = r;
  for (const bytes& spki : {bytes{}, bytes{0x30}, bytes{0x30, 0x01}, bytes{0x04, 0x00}, bytes{0x30, 0x00, 0x00}}) {
    wrong.spki = spki;
    CHECK(refused(wrong) == errc::bad_value);
    CHECK(!client::to_pem(wrong));
  }
}

TEST_CASE("what is not as it should be is refused", "[key_reference]") {
  CHECK(read_key_reference(parts{}.whole()).has_value());
  const auto with = [](auto change) {
    parts p;
    change(p);
    return code_of(p.whole());
  };
  CHECK(with([](parts& p) { p.version = text("sealring-reference-2"); }) == errc::bad_version);
  CHECK(with([](parts& p) { p.version = text("sealring-reference-11"); }) == errc::bad_version);
  CHECK(with([](parts& p) { p.version = text("other"); }) == errc::bad_value);
  CHECK(with([](parts& p) { p.version[0] = 0x13; }) == errc::bad_value);
  CHECK(with([](parts& p) { p.key = text(""); }) == errc::bad_name);
  CHECK(with([](parts& p) { p.key = text("a b"); }) == errc::bad_name);
  CHECK(with([](parts& p) { p.sockets = wrapped(0x30, {}); }) == errc::bad_value);
  CHECK(with([](parts& p) { p.sockets = wrapped(0x31, text("@s")); }) == errc::bad_value);
  CHECK(with([](parts& p) { p.sockets = wrapped(0x30, wrapped(0x13, {'@', 's'})); }) == errc::bad_value);
  CHECK(with([](parts& p) { p.sockets = wrapped(0x30, text("")); }) == errc::bad_address);
  CHECK(with([](parts& p) { p.sockets = wrapped(0x30, text(std::string_view{"@a\0b", 4})); }) == errc::bad_text);
  CHECK(with([](parts& p) { p.sockets = text("@s"); }) == errc::bad_value);
  CHECK(with([](parts& p) { p.spki = {0x04, 0x00}; }) == errc::bad_value);
  CHECK(with([](parts& p) { p.spki = {}; }) == errc::bad_value);
  CHECK(with([](parts& p) { p.more = {0x05, 0x00}; }) == errc::bad_value);
  CHECK(with([](parts& p) { std::swap(p.key, p.sockets); }) == errc::bad_value);
}

TEST_CASE("DER has one form for everything", "[key_reference]") {
  const bytes good = parts{}.whole();
  REQUIRE(good[1] < 0x80);
  bytes longer{0x30, 0x81};  // a length in more octets than it needs
  longer.insert(longer.end(), good.begin() + 1, good.end());
  CHECK(code_of(longer) == errc::bad_value);
  CHECK(client::claims_to_be_key_reference(longer));
  bytes endless{0x30, 0x80};  // BER's indefinite length
  endless.insert(endless.end(), good.begin() + 2, good.end());
  endless.insert(endless.end(), {0x00, 0x00});
  CHECK(code_of(endless) == errc::bad_value);
  bytes after = good;
  after.push_back(0x00);
  CHECK(code_of(after) == errc::bad_value);
  parts p;
  p.key = {0x2c, 0x03, 0x0c, 0x01, 'k'};  // a constructed string
  CHECK(code_of(p.whole()) == errc::bad_value);
  p.key = {0x0c, 0x81, 0x01, 'k'};
  CHECK(code_of(p.whole()) == errc::bad_value);
}

TEST_CASE("no octet changed, cut or added means the same", "[key_reference]") {
  const auto r = usual();
  const auto der = client::to_der(r).value();
  for (std::size_t size = 0; size < der.size(); ++size) {
    const auto cut = bytes_view{der}.first(size);
    CHECK(!read_key_reference(cut));
    // Whoever tries decoders in turn must know it for ours, or nobody says what is wrong.
    CHECK(client::claims_to_be_key_reference(cut) == (size >= 3 + 2 + std::string_view{"sealring-reference-"}.size()));
  }
  for (std::size_t at = 0; at < der.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      bytes changed = der;
      changed[at] ^= static_cast<std::uint8_t>(1 << bit);
      const auto read = read_key_reference(changed);
      if (!read) {
        CHECK(!read.error().text.empty());
        continue;
      }
      CHECK(*read != r);
      CHECK(client::to_der(*read).value() == changed);
    }
}

TEST_CASE("other data makes no claim", "[key_reference]") {
  CHECK(!client::claims_to_be_key_reference({}));
  CHECK(!client::claims_to_be_key_reference(must(to_spki(key_of<es256>().public_key()))));
  CHECK(!client::claims_to_be_key_reference(as_bytes("sealring-reference-1")));
  std::mt19937 chance{1};
  for (int i = 0; i < 1000; ++i) {
    bytes noise(chance() % 64);
    for (auto& octet : noise) octet = static_cast<std::uint8_t>(chance());
    CHECK(!read_key_reference(noise));
  }
}

}  // namespace sealring::test
