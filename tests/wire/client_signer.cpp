#include "agent/client/client_signer.hpp"

#include "sealring/jose/jws.hpp"
#include "sealring/verified.hpp"
#include "unit/support.hpp"
#include "wire/keeper_of_one.hpp"

namespace sealring::test {

using client::client_signer;
using wire::errc;
using wire::operation;
using wire::status;

static_assert(some_signer<any_signer<client_signer>>);
static_assert(message_signer<client_signer<es256>> && message_signer<client_signer<es384>> &&
              message_signer<client_signer<es512>> && message_signer<client_signer<rs256>> &&
              message_signer<client_signer<ps256>> && message_signer<client_signer<eddsa>>);
static_assert(!message_signer<software_key<es256>> && !message_signer<verified<software_key<es256>>>);

namespace {

std::shared_ptr<client::connection> to(const server& s, client::settings settings = {}) {
  settings.deadline = std::chrono::seconds{20};
  return client::connection::to(std::vector{s.address()}, std::move(settings)).value();
}

}  // namespace

TEST_CASE("keys of every kind sign through the keeper, which sees the message", "[client_signer]") {
  for_each_algorithm([]<class A>(A) {
    keeper_of_one keeper{key_of<A>()};
    const server served{fresh_address(), std::ref(keeper)};
    const auto found = client::find(to(served), "example.com").value();
    CHECK(id_of(found) == A::id);
    const auto& signer = std::get<client_signer<A>>(found);
    CHECK(signer.public_key() == key_of<A>().public_key());

    const auto text = as_bytes("what is signed");
    CHECK(good(verify<A>(signer.public_key(), text, must(sign(signer, text)))));
    CHECK(keeper.messages == 1);
    CHECK(must(sign_bytes(found, text)).size() == must(sign_bytes(keeper.key, text)).size());
    CHECK(good(jose::sign_flattened(jose::with_jwk{found}, {}, "{}")));
    CHECK(keeper.messages == 3);
    CHECK(keeper.digests == 0);

    const auto in = must(A::prepare(text));
    CHECK(good(verify<A>(signer.public_key(), text, must(signer.sign(in)))));
    CHECK(keeper.digests == (std::same_as<A, eddsa> ? 0 : 1));
  });
}

TEST_CASE("a name that means another key now is refused, in the keeper's words", "[client_signer]") {
  keeper_of_one keeper{must(software_key<es256>::generate())};
  server served{fresh_address(), std::ref(keeper)};
  std::string heard;
  const auto keeper_at =
      to(served,
         {.on_refusal = [&](std::string_view key, const client::refusal& why) { heard = std::string{key} + ": " + why.text; }});
  const auto found = client::find(keeper_at, "example.com").value();
  served.stop();
  keeper.key = must(software_key<es256>::generate());
  served.start();
  CHECK(refusal(sign_bytes(found, as_bytes("m"))) == errc::key_changed);
  CHECK(heard == "example.com: the key was replaced");
  const auto other = client::find(keeper_at, "other");
  CHECK(other.error().code == errc::denied);
  CHECK(heard == "other: denied");
}

TEST_CASE("a key is bound only to what it may sign with", "[client_signer]") {
  keeper_of_one keeper{key_of<rs256>()};
  const server served{fresh_address(), std::ref(keeper)};
  const auto key = client::remote_key::find(to(served), "example.com").value();
  CHECK(key->facts.purpose == "tls-server");
  CHECK(client_signer<rs256>::bind(key).has_value());
  CHECK(client_signer<ps256>::bind(key).error().code == errc::unsupported);
  CHECK(client_signer<es256>::bind(key).error().code == errc::unsupported);
}

TEST_CASE("a description or a signature that cannot be right is refused", "[client_signer]") {
  const auto spki = must(to_spki(key_of<es256>().public_key()));
  wire::describe_reply facts{"tls-server", "p256", spki, {algorithm_id::es256}};
  const server served{fresh_address(), [&](int fd, const wire::request& r) {
                        if (r.what == operation::describe) return answer(fd, r, facts), true;
                        return answer(fd, r, wire::sign_reply{bytes(70)}), true;  // as DER would be
                      }};
  const auto keeper = to(served);
  const auto found = client::find(keeper, "a").value();
  CHECK(refusal(sign_bytes(found, as_bytes("m"))) == errc::bad_answer);
  facts.algorithms = {algorithm_id::rs256};
  CHECK(client::find(keeper, "a").error().code == errc::unsupported);
  facts.algorithms = {};
  CHECK(client::find(keeper, "a").error().code == errc::unsupported);
  facts.spki.pop_back();
  CHECK(client::find(keeper, "a").error().code == errc::bad_answer);
}

}  // namespace sealring::test
