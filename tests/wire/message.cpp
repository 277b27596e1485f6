#include "agent/wire/message.hpp"

#include "wire/support.hpp"

namespace sealring::test {

using wire::errc;

namespace {

const wire::key_facts known_facts{
    .name = "example.com",
    .label = "sealring example.com 1",
    .id = "00ff10",
    .purpose = "tls-server",
    .type = "p256",
    .uri = "pkcs11:token=sealring;id=%00%ff%10",
    .spki = {0x30, 0x00},
    .state = wire::key_state::current,
    .custody = {.sensitive = true, .always_sensitive = true, .never_extractable = true, .local = true}};

const wire::statistics_reply counted{.started = 1'800'000'000,
                                     .signing = 2,
                                     .up = false,
                                     .has_log = true,
                                     .since = 1'800'000'100,
                                     .outage = "the token is down: CKR_DEVICE_ERROR",
                                     .audit = {1000, 3, 20, 7, 1ULL << 33},
                                     .bounds_us = {50, 5'000'000},
                                     .latencies = {{"tls-server", {{1, 2, 3}, 4}, {{5, 6, 7}, 8}}},
                                     .total = 2,
                                     .keys = {{"", 0, 7, 0}, {"example.com", 1ULL << 40, 0, 1}}};

/// Calls `test` with at least one message of each type.
template <class Test>
void for_each_message(Test test) {
  test(wire::nothing{});
  test(wire::hello_request{3});
  test(wire::hello_reply{.rights = {.sign = true, .approve = true},
                         .program = "sealring 0.1.0",
                         .token = {.label = "keys", .serial = "0123", .model = "SoftHSM v2", .slot = 0x0102030405060708}});
  test(wire::hello_reply{});
  test(wire::describe_reply{
      .purpose = "account", .type = "rsa2048", .spki = {1, 2, 3}, .algorithms = {algorithm_id::rs256, algorithm_id::ps256}});
  test(wire::sign_request{.spki_sha256 = {1, 2}, .algorithm = algorithm_id::eddsa, .payload = bytes(1000, 7)});
  test(wire::sign_reply{bytes(64, 1)});
  test(wire::key_id{{0xde, 0xad}});
  test(known_facts);
  test(wire::list_request{70000});
  test(wire::list_reply{.total = 2, .keys = {known_facts, wire::key_facts{}}});
  test(wire::checkpoints{{"{\"seq\":17}", ""}});
  test(wire::statistics_request{70000});
  test(wire::key_counts{"example.com", 1, 2, 3});
  test(counted);
  test(wire::statistics_reply{});
  test(wire::approve_request{.operation = "keyChange",
                             .key = "@account",
                             .parameters = {"https://ca.example/acct/1", "", "G\u00fcnther"},
                             .expires = 1'900'000'000});
  test(wire::approval{1ULL << 40});
}

template <class M>
std::error_code refusal_of(const bytes& body) {
  return refusal(wire::decode<M>(body));
}

/// The encoding of `m` with one octet changed.
template <class M>
bytes altered(const M& m, std::size_t at, std::uint8_t octet) {
  auto body = must(wire::encode(m));
  body.at(at) = octet;
  return body;
}

}  // namespace

TEST_CASE("every message comes back as it went", "[message]") {
  for_each_message([]<class M>(const M& m) { CHECK(must(wire::decode<M>(must(wire::encode(m)))) == m); });
}

TEST_CASE("every message is refused when cut off anywhere, or with anything after it", "[message]") {
  for_each_message([]<class M>(const M& m) {
    const auto body = must(wire::encode(m));
    for (std::size_t size = 0; size < body.size(); ++size) {
      const bytes cut(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size));
      CHECK(refusal_of<M>(cut) == errc::truncated);
    }
    auto longer = body;
    longer.push_back(0);
    CHECK(refusal_of<M>(longer) == errc::trailing_bytes);
  });
}

TEST_CASE("messages are laid out as documented", "[message]") {
  CHECK(must(wire::encode(wire::hello_request{})) == bytes{1});
  CHECK(must(wire::encode(wire::approval{258})) == bytes{0, 0, 0, 0, 0, 0, 1, 2});
  CHECK(must(wire::encode(wire::describe_reply{"a", "", {9}, {algorithm_id::es384}})) ==
        bytes{0, 1, 'a', 0, 0, 0, 1, 9, 0, 1, 2});
  CHECK(must(wire::encode(wire::hello_reply{.rights = {.sign = true, .approve = true}}))[5] == 5);
  const auto key = must(wire::encode(known_facts));
  CHECK(key[key.size() - 2] == 2);
  CHECK(key.back() == 0b11011);
}

TEST_CASE("values that mean nothing are refused in both directions", "[message]") {
  for (const int id : {0, 7, 255}) {
    const wire::sign_request request{.algorithm = static_cast<algorithm_id>(id)};
    CHECK(refusal(wire::encode(request)) == errc::bad_value);
    CHECK(refusal_of<wire::sign_request>(altered(wire::sign_request{.algorithm = algorithm_id::es256}, 32,
                                                 static_cast<std::uint8_t>(id))) == errc::bad_value);
  }
  const auto size = must(wire::encode(known_facts)).size();
  CHECK(refusal_of<wire::key_facts>(altered(known_facts, size - 2, 4)) == errc::bad_value);     // state
  CHECK(refusal_of<wire::key_facts>(altered(known_facts, size - 1, 32)) == errc::bad_value);    // custody
  CHECK(refusal_of<wire::hello_reply>(altered(wire::hello_reply{}, 5, 8)) == errc::bad_value);  // rights
  auto wrong = known_facts;
  wrong.state = static_cast<wire::key_state>(4);
  CHECK(refusal(wire::encode(wrong)) == errc::bad_value);
  for (const auto* id : {"0", "0F", "zz", "0 "}) {
    wrong = known_facts;
    wrong.id = id;
    CHECK(refusal(wire::encode(wrong)) == errc::bad_value);
  }
  CHECK(refusal_of<wire::key_facts>(altered(known_facts, 2 + 11 + 2 + 22 + 2, 'F')) == errc::bad_value);
}

TEST_CASE("text that is none is refused in both directions", "[message]") {
  for (const auto* text : {"line\nbreak", "\xff", "\x1b[2J"}) {
    CHECK(refusal(wire::encode(wire::approve_request{.operation = text})) == errc::bad_text);
    CHECK(refusal(wire::encode(wire::approve_request{.parameters = {text}})) == errc::bad_text);
  }
  const wire::approve_request request{.operation = "o", .key = "k", .parameters = {"p"}};
  for (const std::size_t at : {2U, 5U, 10U})
    CHECK(refusal_of<wire::approve_request>(altered(request, at, '\n')) == errc::bad_text);
}

TEST_CASE("lengths and counts that lie are refused, and cost nothing", "[message]") {
  CHECK(refusal_of<wire::sign_reply>({0xff, 0xff, 1}) == errc::truncated);
  CHECK(refusal_of<wire::list_reply>({0, 0, 0, 1, 0xff, 0xff}) == errc::truncated);
  CHECK(refusal_of<wire::describe_reply>({0, 0, 0, 0, 0, 0, 0xff, 0xff, 1}) == errc::truncated);
  CHECK(refusal(wire::encode(wire::sign_reply{bytes(65536)})) == errc::too_large);
  CHECK(refusal(wire::encode(wire::approve_request{.operation = std::string(65536, 'a')})) == errc::too_large);
}

TEST_CASE("a list of keys comes in pages that fit", "[message]") {
  std::vector<wire::key_facts> all;
  for (int i = 0; i < 1000; ++i) {
    all.push_back(known_facts);
    all.back().label = std::to_string(i);
    all.back().spki = bytes(550, 1);
  }
  std::vector<wire::key_facts> read;
  int pages = 0;
  while (read.size() < all.size()) {
    const auto reply = wire::page(all, static_cast<std::uint32_t>(read.size()));
    REQUIRE(!reply.keys.empty());
    CHECK(reply.total == 1000);
    const auto body = must(wire::encode(reply));
    bytes frame;
    REQUIRE(wire::append(frame, wire::reply{wire::operation::list, 1, wire::status::ok, body}));
    read.insert(read.end(), reply.keys.begin(), reply.keys.end());
    ++pages;
  }
  CHECK(read == all);
  CHECK(pages > 5);
  CHECK(wire::page(all, 1000).keys.empty());
  CHECK(wire::page(all, 0xffffffff).keys.empty());
}

TEST_CASE("counts of many keys come in pages that fit, each with all the rest", "[message]") {
  auto whole = counted;
  whole.keys.clear();
  for (int i = 0; i < 1000; ++i) whole.keys.push_back({std::string(110, 'k') + std::to_string(10000 + i), 1, 2, 3});
  whole.total = 1000;
  std::vector<wire::key_counts> read;
  while (read.size() < whole.keys.size()) {
    const auto reply = wire::page(whole, static_cast<std::uint32_t>(read.size()));
    REQUIRE(!reply.keys.empty());
    CHECK(reply.total == 1000);
    CHECK(reply.latencies == whole.latencies);
    bytes frame;
    REQUIRE(wire::append(frame, wire::reply{wire::operation::statistics, 1, wire::status::ok, must(wire::encode(reply))}));
    read.insert(read.end(), reply.keys.begin(), reply.keys.end());
  }
  CHECK(read == whole.keys);
  CHECK(wire::page(whole, 0xffffffff).keys.empty());
}

TEST_CASE("bodies by chance are refused, or encode to the same bytes", "[message]") {
  std::mt19937 chance{2};
  for_each_message([&]<class M>(const M& m) {
    const auto good = must(wire::encode(m));
    for (int round = 0; round < 5000; ++round) {
      auto body = good;
      if (round % 3 == 0) body = random_bytes(chance, chance() % 60);
      else if (!body.empty()) body[chance() % body.size()] = static_cast<std::uint8_t>(chance());
      body.shrink_to_fit();
      const auto read = wire::decode<M>(body);
      if (read && must(wire::encode(*read)) != body) FAIL("encodes otherwise");
    }
  });
}

}  // namespace sealring::test
