// The agent refuses, is away, hangs, or is somebody else.
#include "provider/library.hpp"
#include "wire/keeper_of_one.hpp"

#include <openssl/store.h>

#include <sys/syscall.h>

namespace sealring::test {
namespace {

using std::chrono::milliseconds;

const bytes& text() {
  static const bytes some(100, 'x');
  return some;
}

/// What stands in the log of a server whose signature failed; empty where it did not.
std::string failure_of(const library& in, EVP_PKEY* key) {
  REQUIRE(key != nullptr);
  demand_clean_queue();
  const bool signed_ = !sign_whole(in, key, text()).empty();
  const auto errors = take_errors();
  CHECK(signed_ == errors.empty());
  return errors;
}

struct one_key {
  keeper_of_one keeper{key_of<es256>()};
  client::key_reference reference(std::vector<std::string> sockets) const {
    return reference_to(std::move(sockets), keeper.spki());
  }
};

/// Answers while it is told to, and else leaves everybody waiting.
struct moody_keeper : one_key {
  std::atomic<bool> answers{true};
  std::atomic<int> asked{0};
  server served{fresh_address(), [this](int fd, const wire::request& r) { return ++asked, !answers || keeper(fd, r); }};
};

/// A listener of another user: of nobody where we are root, else of ourselves, whom the caller must not expect.
int listen_as_somebody_else(const std::string& where) {
  int fd = -1;
  std::thread{[&] {
    // Of this thread alone, which the C library would not do.
    if (::geteuid() == 0) static_cast<void>(::syscall(SYS_setresuid, -1, 65534, -1));
    fd = listen_at(where);
  }}.join();
  return fd;
}

}  // namespace

TEST_CASE("an agent that is down is named, and found once it is up", "[agents]") {
  const library in;
  one_key one;
  const auto where = fresh_address();
  const auto key = in.read(pem_of(one.reference({where})));
  CHECK(contains(failure_of(in, key.get()), "agent not reachable: key example.com: "));
  CHECK(contains(failure_of(in, key.get()), where));
  server served{where, std::ref(one.keeper)};
  CHECK(failure_of(in, key.get()).empty());
  served.stop();
  CHECK(contains(failure_of(in, key.get()), "agent not reachable"));
  served.start();
  CHECK(failure_of(in, key.get()).empty());
  served.stop();  // a socket of the last time is still open here
  served.start();
  CHECK(failure_of(in, key.get()).empty());
}

TEST_CASE("sockets are tried in their order", "[agents]") {
  const library in;
  one_key first, second;
  server one{fresh_address(), std::ref(first.keeper)}, two{fresh_address(), std::ref(second.keeper)};
  const auto nobody = fresh_address();
  const auto key = in.read(pem_of(first.reference({"/nonexistent/sign.sock", nobody, one.address(), two.address()})));
  CHECK(failure_of(in, key.get()).empty());
  CHECK(first.keeper.messages == 1);
  CHECK(second.keeper.messages == 0);
  one.stop();
  CHECK(failure_of(in, key.get()).empty());
  CHECK(second.keeper.messages == 1);
  two.stop();
  CHECK(contains(failure_of(in, key.get()), "/nonexistent/sign.sock"));
}

TEST_CASE("keys of one agent share its sockets", "[agents]") {
  const library in;
  one_key one;
  const server served{fresh_address(), std::ref(one.keeper)};
  const auto pem = pem_of(one.reference({served.address()}));
  for (int i = 0; i < 5; ++i) CHECK(failure_of(in, in.read(pem).get()).empty());
  CHECK(served.connections() == 1);
}

TEST_CASE("what an agent refuses is told in its words, with what to do", "[agents]") {
  const library in;
  const auto spki = must(to_spki(key_of<es256>().public_key()));
  std::string words;
  auto outcome = wire::status::denied;
  const server served{fresh_address(), [&](int fd, const wire::request& r) { return refuse(fd, r, outcome, words), true; }};
  const auto key = in.read(pem_of(reference_to({served.address()}, spki)));
  const std::string begin = "agent refused: agent at " + served.address() + " refused: key example.com";

  for (const char* rule : {"unauthorised: x", "tls.peer: x", "raw.peer: x"}) {
    words = rule;
    const auto said = failure_of(in, key.get());
    CHECK(contains(said, begin + " is not allowed for uid " + std::to_string(::geteuid())));
    CHECK(contains(said, "; add it to peers in sealring.toml"));
    if (::geteuid() == 0) CHECK(contains(said, "(root)"));
  }
  words = "tls.message: this is no handshake";
  CHECK(contains(failure_of(in, key.get()), begin + ": tls.message: this is no handshake"));
  words = "100% wrong %s %n";  // no format
  CHECK(contains(failure_of(in, key.get()), begin + ": 100% wrong %s %n"));
  outcome = wire::status::unavailable;
  words = "the token is away";
  CHECK(contains(failure_of(in, key.get()), begin + ": the token is away"));
}

TEST_CASE("a name that means another key by now is refused", "[agents]") {
  const library in;
  one_key one;
  const auto other = must(to_spki(must(software_key<es256>::generate()).public_key()));
  const server served{fresh_address(), std::ref(one.keeper)};
  const auto key = in.read(pem_of(reference_to({served.address()}, other)));
  CHECK(contains(failure_of(in, key.get()),
                 "agent refused: agent at " + served.address() + " refused: key example.com: the key was replaced"));
  CHECK(one.keeper.messages == 0);
}

TEST_CASE("whoever listens there under another uid hears nothing", "[agents]") {
  const library in;
  one_key one;
  const auto where = fresh_address();
  const client::descriptor listener{listen_as_somebody_else(where)};
  REQUIRE(listener);
  auto reference = one.reference({where});
  if (::geteuid() != 0) ++reference.agent;
  const auto key = in.read(pem_of(reference));
  const auto said = failure_of(in, key.get());
  INFO(said);
  CHECK(contains(said, "agent not reachable: key example.com: "));
  CHECK(contains(said, "uid"));
  const client::descriptor caller{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  REQUIRE(caller);
  char octet = 0;
  CHECK(::recv(caller.get(), &octet, 1, 0) == 0);

  // The right one after it is found all the same.
  const server served{fresh_address(), std::ref(one.keeper)};
  reference.sockets.push_back(served.address());
  reference.agent = ::geteuid();
  if (::geteuid() == 0) CHECK(failure_of(in, in.read(pem_of(reference)).get()).empty());
}

TEST_CASE("an agent that hangs costs one deadline, then little, until it answers again", "[agents]") {
  constexpr milliseconds deadline{3200}, wary{100};
  const library in{"sealring-deadline-ms = 3200\n"};
  moody_keeper moody;
  const auto key = in.read(pem_of(moody.reference({moody.served.address()})));
  CHECK(failure_of(in, key.get()).empty());

  moody.answers = false;
  std::string said;
  const auto first = time_of([&] { said = failure_of(in, key.get()); });
  INFO(said);
  CHECK(contains(said, "agent not reachable: key example.com: "));
  CHECK(contains(said, moody.served.address()));
  CHECK(first >= deadline);
  CHECK(first < 2 * deadline);
  const auto next = time_of([&] {
    for (int i = 0; i < 5; ++i) CHECK(!failure_of(in, key.get()).empty());
  });
  CHECK(next >= 5 * wary);
  CHECK(next < deadline);

  moody.answers = true;
  CHECK(failure_of(in, key.get()).empty());
  moody.answers = false;  // it was good again: it is given its whole time
  CHECK(time_of([&] { CHECK(!failure_of(in, key.get()).empty()); }) >= deadline);
  moody.answers = true;
}

TEST_CASE("the deadline includes the connecting", "[agents]") {
  const library in{"sealring-deadline-ms = 300\n"};
  one_key one;
  const auto where = fresh_address();
  const client::descriptor listener{listen_at(where, 0)};
  const auto address = client::address::parse(where).value();
  const auto connect = [&] {
    client::descriptor fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (::connect(fd.get(), address.raw(), address.size()) != 0) fd = {};
    return fd;
  };
  std::vector<client::descriptor> waiting;  // until the backlog is full
  while (auto fd = connect()) waiting.push_back(std::move(fd));
  const auto key = in.read(pem_of(one.reference({where})));
  const auto took = time_of([&] { CHECK(contains(failure_of(in, key.get()), where)); });
  CHECK(took >= milliseconds{300});
  CHECK(took < milliseconds{20'000});
}

TEST_CASE("threads that wait for a hanging agent wait at once", "[agents]") {
  const library in{"sealring-deadline-ms = 800\n"};
  moody_keeper moody;
  const auto key = in.read(pem_of(moody.reference({moody.served.address()})));
  moody.answers = false;
  std::atomic<int> failures{0};
  const auto took = time_of([&] {
    std::vector<std::thread> threads;
    for (int i = 0; i < 20; ++i)
      threads.emplace_back([&] {
        if (sign_whole(in, key.get(), text()).empty()) ++failures;
        ERR_clear_error();
      });
    for (auto& one : threads) one.join();
  });
  CHECK(failures == 20);
  CHECK(took < milliseconds{8000});  // one after the other: 16 s
  moody.answers = true;
  CHECK(failure_of(in, key.get()).empty());
}

TEST_CASE("a name is enough where the section says who is asked", "[agents]") {
  one_key one;
  server served{fresh_address(), std::ref(one.keeper)};
  const auto load = [](const library& in, const char* uri, const char* properties = nullptr) {
    detail::evp_pkey key;
    OSSL_STORE_CTX* const store = OSSL_STORE_open_ex(uri, in.get(), properties, nullptr, nullptr, nullptr, nullptr, nullptr);
    while (store != nullptr && OSSL_STORE_eof(store) != 1)
      if (OSSL_STORE_INFO* const info = OSSL_STORE_load(store); info != nullptr) {
        key.reset(OSSL_STORE_INFO_get1_PKEY(info));
        OSSL_STORE_INFO_free(info);
      }
    OSSL_STORE_close(store);
    return key;
  };
  const auto section = "sealring-sockets = @sealring-test-nobody , " + served.address() +
                       "\nsealring-uid = " + std::to_string(::geteuid()) + "\nsealring-deadline-ms = 2000\n";
  const library in{section};
  REQUIRE(in.loaded());
  {
    const auto key = load(in, "sealring:example.com");
    if (!key) FAIL(take_errors());
    CHECK(EVP_PKEY_eq(key.get(), in.software(one.keeper.spki()).get()) == 1);
    CHECK(failure_of(in, key.get()).empty());
    CHECK(load(in, "sealring:example.com", "?provider=sealring"));
  }
  CHECK(!load(in, "sealring:other"));
  CHECK(contains(take_errors(), "agent refused: agent at @sealring-test-nobody refused: key other: denied"));
  CHECK(!load(in, "sealring:"));
  CHECK(!take_errors().empty());
  served.stop();
  CHECK(!load(in, "sealring:example.com"));
  CHECK(contains(take_errors(), "agent not reachable: key example.com: "));
  const library silent;
  CHECK(!load(silent, "sealring:example.com"));
  CHECK(contains(take_errors(), "bad configuration: sealring-sockets in this provider's section of openssl.cnf must say"));
}

}  // namespace sealring::test
