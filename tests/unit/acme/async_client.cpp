#include "sealring/acme/async_client.hpp"

#include "sealring/acme/offloaded_solver.hpp"
#include "unit/acme/connected.hpp"
#include "unit/signers.hpp"
#include "unit/x509/issue.hpp"

#include <asio/awaitable.hpp>
#include <asio/bind_allocator.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include <future>

namespace sealring::test {

/// The scripted CA, which answers later; after the end of its script, never: what waits for that can only be cancelled.
class late_ca {
public:
  explicit late_ca(scripted_ca script) : script_{std::move(script)} {}

  template <asio::completion_token_for<void(acme::result<http::response>)> Token>
  auto async_perform(const http::request& r, Token&& token) {
    return asio::async_initiate<Token, void(acme::result<http::response>)>(
        [this](auto handler, const http::request& asked) {
          const auto home = asio::get_associated_executor(handler);
          const auto slot = asio::get_associated_cancellation_slot(handler);
          const bool silent = script_.left() == 0;
          const auto timer = std::make_shared<asio::steady_timer>(home, std::chrono::hours{silent ? 1 : 0});
          timer->async_wait(asio::bind_cancellation_slot(
              slot, asio::bind_executor(home, [timer, handler = std::move(handler),
                                               answer = script_.perform(asked)](std::error_code stopped) mutable {
                if (stopped) answer = acme::failure{stopped, "stopped"};
                std::move(handler)(std::move(answer));
              })));
        },
        token, r);
  }

private:
  scripted_ca script_;
};
static_assert(http::async_client<late_ca> && !http::async_client<scripted_ca>);

using key = offloaded<software_key<es256>>;
using async_client = acme::async_client<key, late_ca>;

/// Says in which thread it was asked.
struct noting_solver {
  std::vector<std::string> diary{};
  std::thread::id present_in{};
  std::error_code look_fails{};
  bool look_throws = false;
  const acme::challenge* choose(const acme::authorization& a) const { return a.find(acme::http01); }
  sealring::result<void> present(const identifier& id, const acme::challenge&, const std::string&) {
    present_in = std::this_thread::get_id();
    diary.push_back("present " + id.value);
    return {};
  }
  acme::result<void> look(const identifier& id, const acme::challenge&, const std::string&) {
    diary.push_back("look " + id.value);
    if (look_throws) throw std::runtime_error{"out of sight"};
    if (look_fails) return acme::because(look_fails, "looking");
    return {};
  }
  std::string response(const identifier& id, const acme::challenge&) {
    diary.push_back("respond for " + id.value);
    return "{}";
  }
  void clean_up(const identifier& id, const acme::challenge&) noexcept { diary.push_back("clean up " + id.value); }
};
static_assert(acme::async_challenge_solver<acme::offloaded_solver<noting_solver>>);
static_assert(!acme::async_challenge_solver<noting_solver>);

/// Throws where the client calls it.
struct throwing_solver : acme::offloaded_solver<noting_solver> {
  using offloaded_solver::offloaded_solver;
  template <class Token>
  void async_look(const identifier&, const acme::challenge&, const std::string&, Token&&) {
    throw std::runtime_error{"out of sight"};
  }
};

namespace {

struct scene {
  scripted_ca ca{};
  asio::io_context loop{};
  asio::thread_pool pool{1};

  key offload(const software_key<es256>& k = key_of<es256>()) { return {k, pool.get_executor()}; }

  template <class T>
  T wait(std::future<T> answer) {
    loop.restart();
    loop.run();
    return answer.get();
  }

  async_client connected(const std::string& more = {}) {
    ca.directory(more);
    const acme::client_options options{.wait_timeout = std::chrono::seconds{2}};
    auto c = wait(
        async_client::async_connect(loop.get_executor(), late_ca{ca}, offload(), "https://ca/dir", options, asio::use_future));
    REQUIRE(c);
    c->use_account("https://ca/account/1");
    ca.then(answer(200, {}));
    return *c;
  }
};

/// What the CA was sent, but for nonces and signatures.
std::vector<std::string> sent(const scripted_ca& ca) {
  std::vector<std::string> all;
  for (const http::request& r : ca.asked()) {
    all.push_back(std::to_string(static_cast<int>(r.verb)) + ' ' + r.url + ' ' + r.accept + ' ' + r.user_agent);
    if (r.verb != http::method::post) continue;
    auto header = protected_header(r);
    header.erase("nonce");
    std::string payload = payload_of(r);
    payload = payload.substr(0, payload.find(R"("signature")"));  // of a key that signs in: it comes last
    all.back() += ' ' + acme::json::serialize(header) + ' ' + payload;
  }
  return all;
}

/// What is compared of an answer.
template <class T>
std::string summary(const acme::result<T>& r) {
  if (!r) return r.error().what;
  if constexpr (requires { r->url; }) return r->url;
  else return "done";
}

/// The same operation by both clients, for the same answers.
void in_both(const std::vector<http::response>& script, auto blocking, auto asynchronous, const std::string& more = {}) {
  scripted_ca ca;
  client c = connected(ca, more);
  scene s;
  const async_client a = s.connected(more);
  for (const http::response& r : script) ca.then(r), s.ca.then(r);
  const std::string expected = summary(blocking(c));
  CHECK(summary(s.wait(asynchronous(a))) == expected);
  CHECK(sent(s.ca) == sent(ca));
  CHECK(s.ca.left() == ca.left());
}

acme::directory small_directory() {
  acme::directory d;
  d.new_nonce = "https://ca/nonce";
  d.new_account = "https://ca/account";
  return d;
}

/// Counts what it has given, and what of that is still held.
template <class T>
struct counting_allocator {
  using value_type = T;
  int* given;
  int* held;
  counting_allocator(int* g, int* h) : given{g}, held{h} {}
  template <class U>
  counting_allocator(const counting_allocator<U>& other) : given{other.given}, held{other.held} {}
  T* allocate(std::size_t n) {
    ++*given, ++*held;
    return std::allocator<T>{}.allocate(n);
  }
  void deallocate(T* p, std::size_t n) {
    --*held;
    std::allocator<T>{}.deallocate(p, n);
  }
  bool operator==(const counting_allocator&) const = default;
};

const std::string one_challenge =
    R"({"status":"pending","identifier":{"type":"dns","value":"a.test"},
        "challenges":[{"type":"http-01","url":"https://ca/chall/1","status":"pending","token":"tok"}]})";
const std::string valid_authorization = R"({"status":"valid","identifier":{"type":"dns","value":"a.test"}})";

acme::order order_of_one() {
  acme::order o;
  o.url = "https://ca/order/1";
  o.status = "pending";
  o.identifiers = {{identifier::type::dns, "a.test"}};
  o.authorizations = {"https://ca/authz/1"};
  o.finalize = "https://ca/finalize/1";
  return o;
}

/// From newOrder to the certificate.
std::vector<http::response> issuance() {
  const std::string order = R"("identifiers":[{"type":"dns","value":"a.test"}],"authorizations":["https://ca/authz/1"],
                               "finalize":"https://ca/finalize/1","certificate":"https://ca/cert/1"})";
  const std::string pem = to_pem("CERTIFICATE", issue_der({.names = "DNS:a.test"}));
  return {answer(201, R"({"status":"pending",)" + order, {{"Location", "https://ca/order/1"}}),
          answer(200, one_challenge),
          answer(200, "{}"),
          answer(200, one_challenge),
          answer(200, valid_authorization),
          problem_of(403, "orderNotReady"),
          answer(200, R"({"status":"ready",)" + order),
          answer(200, R"({"status":"valid",)" + order),
          answer(200, pem)};
}

const std::vector names{identifier{identifier::type::dns, "a.test"}};

}  // namespace

TEST_CASE("async_client: asks and answers as the blocking client does", "[async_client]") {
  const auto valid = answer(200, R"({"status":"valid"})", {{"Location", "https://ca/thing/1"}});
  const acme::account_request wish{.contact = {"mailto:a@b"}, .terms_of_service_agreed = true};
  in_both(
      {valid}, [&](auto& c) { return c.register_account(wish); },
      [&](auto& c) { return c.async_register_account(wish, asio::use_future); });
  in_both({valid}, [](auto& c) { return c.find_account(); }, [](auto& c) { return c.async_find_account(asio::use_future); });
  in_both(
      {valid}, [](auto& c) { return c.update_account({}); },
      [](auto& c) { return c.async_update_account({}, asio::use_future); });
  in_both(
      {valid}, [](auto& c) { return c.deactivate_account(); },
      [](auto& c) { return c.async_deactivate_account(asio::use_future); });
  const acme::order_request order{.names = names};
  for (const http::response& r : {valid, problem_of(400, "malformed"), problem_of(503, "rateLimited", {{"Retry-After", "0"}})})
    in_both(
        {r, valid}, [&](auto& c) { return c.new_order(order); },
        [&](auto& c) { return c.async_new_order(order, asio::use_future); });
  in_both(
      {problem_of(400, "badNonce"), valid}, [](auto& c) { return c.get_order("https://ca/order/1"); },
      [](auto& c) { return c.async_get_order("https://ca/order/1", asio::use_future); });
  in_both(
      {valid}, [](auto& c) { return c.cancel_order("https://ca/order/1"); },
      [](auto& c) { return c.async_cancel_order("https://ca/order/1", asio::use_future); });
  in_both(
      {valid}, [](auto& c) { return c.new_authorization(names.front(), true); },
      [](auto& c) { return c.async_new_authorization(names.front(), true, asio::use_future); },
      R"(,"newAuthz":"https://ca/authz")");
  in_both(
      {valid}, [](auto& c) { return c.new_authorization(names.front()); },
      [](auto& c) { return c.async_new_authorization(names.front(), asio::use_future); }, R"(,"newAuthz":"https://ca/authz")");
  in_both(
      {valid}, [](auto& c) { return c.get_authorization("https://ca/authz/1"); },
      [](auto& c) { return c.async_get_authorization("https://ca/authz/1", asio::use_future); });
  in_both(
      {valid}, [](auto& c) { return c.deactivate_authorization("https://ca/authz/1"); },
      [](auto& c) { return c.async_deactivate_authorization("https://ca/authz/1", asio::use_future); });
  acme::challenge challenge;
  challenge.url = "https://ca/chall/1";
  in_both(
      {problem_of(409, "conflict")}, [&](auto& c) { return c.respond(challenge); },
      [&](auto& c) { return c.async_respond(challenge, asio::use_future); });
  const std::string attestation = acme::device_attest_payload(bytes{1});
  in_both(
      {valid}, [&](auto& c) { return c.respond(challenge, attestation); },
      [&](auto& c) { return c.async_respond(challenge, attestation, asio::use_future); });
  in_both(
      {answer(200, R"({"status":"valid","orders":"/orders"})", {{"Location", "https://ca/account/1"}}),
       answer(200, R"({"orders":["/order/1"]})", {{"Link", R"(</orders?2>;rel="next")"}}), answer(200, R"({"orders":[]})")},
      [](auto& c) { return c.list_orders(); }, [](auto& c) { return c.async_list_orders(asio::use_future); });
  in_both(
      {}, [](auto& c) { return c.renewal_info("aki.serial"); },
      [](auto& c) { return c.async_renewal_info("aki.serial", asio::use_future); });
  const bytes der{1, 2, 3};
  in_both(
      {problem_of(400, "alreadyRevoked")}, [&](auto& c) { return c.revoke(der); },
      [&](auto& c) { return c.async_revoke(der, std::nullopt, asio::use_future); });
}

TEST_CASE("async_client: keys that sign later sign what the blocking client signs", "[async_client]") {
  const bytes der{1, 2, 3};
  scene other;
  in_both(
      {answer(200, "{}")}, [&](auto& c) { return c.revoke_with(key_of<eddsa>(), der); },
      [&](auto& c) {
        return c.async_revoke_with(offloaded{key_of<eddsa>(), other.pool.get_executor()}, der, std::nullopt, asio::use_future);
      });
  const auto new_key = must(software_key<es256>::generate());
  in_both(
      {answer(200, "{}"), answer(200, "{}", {{"Location", "/account/1"}}), answer(200, "{}")},
      [&](auto& c) {
        CHECK(c.change_key(new_key));
        return c.get_order("https://ca/order/1");
      },
      [&](const async_client& c) {
        std::promise<acme::result<acme::order>> done;
        auto answer = done.get_future();
        c.async_change_key(other.offload(new_key), [c, done = std::move(done)](const acme::result<void>& changed) mutable {
          CHECK(changed);
          c.async_get_order("https://ca/order/1",
                            [done = std::move(done)](acme::result<acme::order> o) mutable { done.set_value(std::move(o)); });
        });
        return answer;
      },
      R"(,"keyChange":"https://ca/key-change")");
}

TEST_CASE("async_client: a certificate from order to download, awaited", "[async_client]") {
  scene s;
  const async_client c = s.connected();
  for (const auto& r : issuance()) s.ca.then(r);
  noting_solver noting;
  acme::offloaded_solver solver{noting, s.pool.get_executor()};
  const auto issue = [&]() -> asio::awaitable<acme::result<acme::issued_certificate>> {
    co_return co_await c.async_obtain(names, s.offload(), solver, asio::use_awaitable);
  };
  const auto issued = s.wait(asio::co_spawn(s.loop, issue, asio::use_future));
  REQUIRE(issued);
  CHECK(issued->chain.size() == 1);
  CHECK(noting.diary == std::vector<std::string>{"present a.test", "look a.test", "respond for a.test", "clean up a.test"});
  CHECK(noting.present_in != std::this_thread::get_id());
  CHECK(s.ca.left() == 0);
  for (const http::request& r : s.ca.asked())
    if (r.verb == http::method::post) CHECK(is_signed_by(r, key_of<es256>()));
}

TEST_CASE("async_client: a signer or solver that fails is heard, and nothing is left behind", "[async_client]") {
  scene s;
  s.ca.then(answer(200, {}));
  const offloaded dead{unplugged<es256>{}, s.pool.get_executor()};
  using dead_client = acme::async_client<decltype(dead), late_ca>;
  const auto unsigned_ =
      s.wait(dead_client{s.loop.get_executor(), late_ca{s.ca}, dead, small_directory()}.async_find_account(asio::use_future));
  REQUIRE_FALSE(unsigned_);
  CHECK(unsigned_.error().code == std::errc::no_such_device);
  CHECK(unsigned_.error().what.find("signing the request to https://ca/account") == 0);

  scene again;
  const async_client c = again.connected();
  again.ca.then(answer(200, one_challenge));
  noting_solver noting{.look_fails = std::make_error_code(std::errc::host_unreachable)};
  acme::offloaded_solver solver{noting, again.pool.get_executor()};
  const auto refused = again.wait(c.async_authorize(order_of_one(), solver, asio::use_future));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == std::errc::host_unreachable);
  CHECK(noting.diary.back() == "clean up a.test");

  again.ca.then(answer(200, one_challenge));
  noting.look_throws = true;
  const auto thrown = again.wait(c.async_authorize(order_of_one(), solver, asio::use_future));
  REQUIRE_FALSE(thrown);
  CHECK(thrown.error().code == std::errc::io_error);
  CHECK(thrown.error().what.ends_with("a.test: out of sight"));
  CHECK(noting.diary.back() == "clean up a.test");
}

TEST_CASE("async_client: what a solver throws leaves the loop, and nothing is left behind", "[async_client]") {
  scene s;
  const async_client c = s.connected();
  s.ca.then(answer(200, one_challenge));
  noting_solver noting;
  throwing_solver solver{noting, s.pool.get_executor()};
  c.async_authorize(order_of_one(), solver, [](const acme::result<void>&) { FAIL("called"); });
  s.loop.restart();
  CHECK_THROWS_AS(s.loop.run(), std::runtime_error);
  CHECK(noting.diary == std::vector<std::string>{"present a.test", "clean up a.test"});
}

TEST_CASE("async_client: handlers run where they want to, in memory of their own", "[async_client]") {
  scene s;
  const async_client c = s.connected();
  s.ca.then(answer(200, "{}"));
  asio::io_context elsewhere;
  bool called = false;
  int given = 0;
  int held = 0;
  const auto handler = [&](const acme::result<acme::order>& o) {
    called = true;
    CHECK(held == 0);
    CHECK(o);
  };
  c.async_get_order("https://ca/order/1",
                    asio::bind_executor(elsewhere, asio::bind_allocator(counting_allocator<char>{&given, &held}, handler)));
  s.loop.restart();
  s.loop.run();
  CHECK_FALSE(called);
  elsewhere.run();
  CHECK(called);
  CHECK(given > 0);
}

TEST_CASE("async_client: what is cancelled while it waits ends at once, and takes back what was presented", "[async_client]") {
  for (const bool while_polling : {false, true}) {
    scene s;
    const async_client c = s.connected();
    s.ca.then(answer(200, one_challenge)).then(answer(200, "{}"));
    if (while_polling) s.ca.then(answer(200, one_challenge, {{"Retry-After", "30"}}));
    noting_solver noting;
    acme::offloaded_solver solver{noting, s.pool.get_executor()};
    asio::cancellation_signal signal;
    std::optional<acme::result<void>> ended;
    const auto begin = std::chrono::steady_clock::now();
    c.async_authorize(order_of_one(), solver,
                      asio::bind_cancellation_slot(signal.slot(), [&](acme::result<void> r) { ended = std::move(r); }));
    asio::steady_timer soon{s.loop, std::chrono::milliseconds{300}};
    soon.async_wait([&](std::error_code) { signal.emit(asio::cancellation_type::terminal); });
    s.loop.restart();
    s.loop.run();
    REQUIRE(ended);
    REQUIRE_FALSE(*ended);
    CHECK(ended->error().code == std::errc::operation_canceled);
    CHECK(noting.diary.back() == "clean up a.test");
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{1});  // both would have taken longer
  }
}

TEST_CASE("async_client: an operation ends with its execution context, and its handler with it", "[async_client]") {
  const auto held = std::make_shared<int>(1);
  asio::cancellation_signal signal;  // outlives both
  {
    asio::io_context loop;
    asio::thread_pool pool{1};
    scripted_ca ca;
    const async_client c{loop.get_executor(), late_ca{ca}, key{key_of<es256>(), pool.get_executor()}, small_directory()};
    c.async_find_account(
        asio::bind_cancellation_slot(signal.slot(), [held](const acme::result<acme::account>&) { FAIL("called"); }));
    for (int i = 0; i != 1000 && ca.asked().empty(); ++i) loop.run_for(std::chrono::milliseconds{20});
    CHECK(ca.asked().size() == 1);
    CHECK(held.use_count() == 2);
  }
  CHECK(held.use_count() == 1);
  signal.emit(asio::cancellation_type::terminal);
}

TEST_CASE("async_client: many operations at once, on many threads", "[async_client]") {
  scripted_ca ca;
  ca.directory();
  for (int i = 0; i < 200; ++i) ca.then(answer(200, "{}"));
  asio::thread_pool threads{3};
  auto c = async_client::async_connect(threads.get_executor(), late_ca{ca}, key{key_of<es256>(), threads.get_executor()},
                                       "https://ca/dir", asio::use_future)
               .get();
  REQUIRE(c);
  c->use_account("https://ca/account/1");
  std::vector<std::future<acme::result<acme::order>>> orders;
  for (int i = 0; i < 40; ++i) orders.push_back(c->async_get_order("https://ca/order/1", asio::use_future));
  for (auto& o : orders) CHECK(o.get());
}

}  // namespace sealring::test
