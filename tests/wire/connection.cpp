#include "agent/client/connection.hpp"

#include "wire/server.hpp"
#include "wire/support.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <future>

namespace sealring::test {

using namespace std::chrono_literals;
using Catch::Contains;
using client::connection;
using wire::errc;
using wire::operation;
using wire::status;

namespace {

std::shared_ptr<connection> to(const std::vector<std::string>& addresses, client::settings s = {.deadline = long_enough}) {
  auto made = connection::to(addresses, std::move(s));
  if (!made) FAIL(made.error().text);
  return *made;
}

template <class T>
std::string outcome(const client::result<T>& r) {
  return r ? "" : r.error().text;
}

template <class T>
std::error_code code_of(const client::result<T>& r) {
  return r ? std::error_code{} : r.error().code;
}

/// Signs by giving the payload back.
bool echo(int fd, const wire::request& r) {
  if (r.what == operation::hello) return answer(fd, r, wire::hello_reply{.program = "echo"}), true;
  if (r.what == operation::generate) return answer(fd, r, wire::key_facts{.name = std::string{r.key}}), true;
  const auto request = wire::decode<wire::sign_request>(r.body);
  if (!request) return refuse(fd, r, status::bad_request, "not a sign_request"), true;
  return answer(fd, r, wire::sign_reply{request->payload}), true;
}

wire::sign_request signing(bytes payload) { return {.algorithm = algorithm_id::es256, .payload = std::move(payload)}; }

std::size_t open_files() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

struct pipe_ends {
  int read_end = -1, write_end = -1;
  pipe_ends() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    read_end = ends[0], write_end = ends[1];
  }
  pipe_ends(const pipe_ends&) = delete;
  pipe_ends& operator=(const pipe_ends&) = delete;
  ~pipe_ends() { ::close(read_end), ::close(write_end); }
  void await() const {
    char byte = 0;
    REQUIRE(::read(read_end, &byte, 1) == 1);
  }
  void signal() const {
    if (::write(write_end, "x", 1) != 1) std::abort();
  }
};

/// Runs in a child process; true if `work` was.
template <class F>
bool holds_in_child(F work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  int how = 0;
  return ::waitpid(child, &how, 0) == child && WIFEXITED(how) && WEXITSTATUS(how) == 0;
}

}  // namespace

TEST_CASE("addresses are absolute paths or abstract names", "[connection]") {
  for (const auto* good : {"/run/sealring/sign.sock", "@sealring", "/x"}) CHECK(client::address::parse(good)->text() == good);
  for (const auto& bad : std::vector<std::string>{"", "@", "/", "run/sign.sock", std::string(108, '/'), "unix:/run/x"})
    CHECK(code_of(client::address::parse(bad)) == errc::bad_address);
  CHECK(code_of(connection::to(std::vector<std::string>{"@good", "bad"})) == errc::bad_address);
  CHECK(code_of(to({})->hello()) == errc::unreachable);
}

TEST_CASE("each call is asked as it is meant and answered as it was", "[connection]") {
  std::mutex mutex;
  std::vector<std::pair<operation, std::string>> asked;
  std::vector<bytes> bodies;
  std::vector<wire::key_facts> keys(1500, wire::key_facts{.label = "a key", .spki = bytes(91)});
  const server keeper{fresh_address(), [&](int fd, const wire::request& r) {
                        const std::lock_guard lock{mutex};
                        asked.emplace_back(r.what, r.key);
                        bodies.emplace_back(r.body.begin(), r.body.end());
                        switch (r.what) {
                          case operation::hello: answer(fd, r, wire::hello_reply{.program = "test"}); break;
                          case operation::describe: answer(fd, r, wire::describe_reply{.purpose = "account"}); break;
                          case operation::sign_message:
                          case operation::sign_digest: answer(fd, r, wire::sign_reply{{1, 2}}); break;
                          case operation::generate: answer(fd, r, keys[0]); break;
                          case operation::list:
                            answer(fd, r, wire::page(keys, wire::decode<wire::list_request>(r.body)->offset));
                            break;
                          case operation::anchors: answer(fd, r, wire::checkpoints{{"newer", "older"}}); break;
                          case operation::approve: answer(fd, r, wire::approval{17}); break;
                          default: answer(fd, r, wire::nothing{});
                        }
                        return true;
                      }};
  const auto c = to({keeper.address()});
  const auto request = signing({5, 6});
  const wire::key_id id{{1, 2, 3}};
  CHECK(c->hello().value().program == "test");
  CHECK(c->describe("a").value().purpose == "account");
  CHECK(c->sign_message("b", request).value() == bytes{1, 2});
  CHECK(c->sign_digest("c", request).value() == bytes{1, 2});
  CHECK(c->generate("d", id).value() == keys[0]);
  CHECK(outcome(c->adopt("e", id)) == "");
  CHECK(outcome(c->retire("f", id)) == "");
  CHECK(c->anchors().value() == std::vector<std::string>{"newer", "older"});
  CHECK(c->approve({.operation = "retire", .key = "f"}).value() == 17);
  CHECK(outcome(c->finish(17)) == "");
  CHECK(outcome(c->reload()) == "");
  using named = std::pair<operation, std::string>;
  CHECK(asked == std::vector<named>{{operation::hello, ""},
                                    {operation::describe, "a"},
                                    {operation::sign_message, "b"},
                                    {operation::sign_digest, "c"},
                                    {operation::generate, "d"},
                                    {operation::adopt, "e"},
                                    {operation::retire, "f"},
                                    {operation::anchors, ""},
                                    {operation::approve, ""},
                                    {operation::finish, ""},
                                    {operation::reload, ""}});
  CHECK(bodies[3] == must(wire::encode(request)));
  CHECK(bodies[6] == must(wire::encode(id)));
  CHECK(c->list().value() == keys);
  CHECK(asked.size() > 12);          // more than a page
  CHECK(keeper.connections() == 1);  // one call after the other needs one socket
}

TEST_CASE("a refusal has the keeper's words, and the listener hears of it", "[connection]") {
  const server keeper{fresh_address(), [](int fd, const wire::request& r) {
                        return refuse(fd, r, status::denied, r.key == "quiet" ? "" : "rule 7: not for you"), true;
                      }};
  std::vector<std::string> heard;
  const auto c = to({keeper.address()}, {.on_refusal = [&](std::string_view key, const client::refusal& why) {
                      heard.push_back(std::string{key} + ": " + why.text);
                    }});
  const auto refused = c->describe("example.com");
  CHECK(code_of(refused) == errc::denied);
  CHECK(code_of(refused) == condition::denied);
  CHECK(outcome(refused) == "rule 7: not for you");
  CHECK(outcome(c->describe("quiet")) == "the keeper denied it");
  CHECK(code_of(c->describe("not a name")) == errc::bad_name);
  CHECK(code_of(c->sign_message("a", signing(bytes(65535)))) == errc::too_large);
  CHECK(code_of(c->sign_message("a", signing(bytes(70000)))) == errc::too_large);
  CHECK(heard.size() == 5);
  CHECK(heard[0] == "example.com: rule 7: not for you");
  CHECK(keeper.connections() == 1);
  CHECK_THROWS_WITH(refused.value(), Contains("rule 7"));
}

TEST_CASE("a message as large as a frame can carry goes through", "[connection]") {
  const server keeper{fresh_address(), echo};
  const auto c = to({keeper.address()});
  const bytes large(wire::max_frame - 11 - 35 - 4, 0x33);
  CHECK(c->sign_message("name", signing(large)).value() == large);
}

TEST_CASE("a call ends at its deadline, and the next one is not disturbed", "[connection]") {
  std::atomic<int> asked{0};
  const server keeper{fresh_address(), [&](int fd, const wire::request& r) { return asked++ == 0 || echo(fd, r); }};
  const auto c = to({keeper.address()});
  const auto start = std::chrono::steady_clock::now();
  const auto late = c->sign_message("a", signing({1}), 50ms);
  CHECK(std::chrono::steady_clock::now() - start >= 50ms);
  CHECK(code_of(late) == errc::timed_out);
  CHECK(code_of(late) == condition::retry_later);
  CHECK(c->sign_message("a", signing({2})).value() == bytes{2});
  CHECK(keeper.connections() == 2);
  CHECK(code_of(to({keeper.address()}, {.deadline = std::chrono::milliseconds::max()})->hello()) == std::error_code{});
}

TEST_CASE("a deadline that is over already", "[connection]") {
  const auto where = fresh_address();
  const int listener = listen_at(where);  // and nobody answers
  CHECK(code_of(to({where})->hello(0ms)) == errc::timed_out);
  CHECK(code_of(to({where})->hello(-1ms)) == errc::timed_out);
  ::close(listener);
}

TEST_CASE("connecting has the same deadline, and waits for a place where there is none", "[connection]") {
  const auto where = fresh_address();
  const int listener = listen_at(where, 0);
  const auto address = client::address::parse(where).value();
  std::vector<client::descriptor> filling;
  for (;;) {
    client::descriptor one{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (::connect(one.get(), address.raw(), address.size()) != 0) break;
    filling.push_back(std::move(one));
  }
  REQUIRE(errno == EAGAIN);
  const auto start = std::chrono::steady_clock::now();
  CHECK(code_of(to({where})->hello(100ms)) == errc::timed_out);
  CHECK(std::chrono::steady_clock::now() - start >= 100ms);

  const server other{fresh_address(), echo};  // somebody else has room
  CHECK(to({where, other.address()})->hello().value().program == "echo");
  CHECK(to({"@sealring-nobody", other.address()})->hello().value().program == "echo");

  auto waiting = std::async(std::launch::async, [&] { return to({where})->hello(); });
  for (std::size_t i = 0; i < filling.size(); ++i) ::close(::accept(listener, nullptr, nullptr));
  const int served = ::accept(listener, nullptr, nullptr);
  serve_connection(served, [](int fd, const wire::request& r) { return echo(fd, r), false; });
  CHECK(outcome(waiting.get()) == "");
  ::close(served);
  ::close(listener);
}

TEST_CASE("who is not there, or not to be reached, is named", "[connection]") {
  const auto absent = to({"/nonexistent/sign.sock"})->hello();
  CHECK(code_of(absent) == errc::unreachable);
  CHECK(code_of(absent) == condition::retry_later);
  CHECK_THAT(outcome(absent), Contains("/nonexistent/sign.sock: No such file or directory"));
  if (::geteuid() != 0) return;
  const auto path = "/tmp/sealring-test-" + std::to_string(::getpid()) + ".sock";
  const int listener = listen_at(path);
  ::chmod(path.c_str(), 0600);
  CHECK(holds_in_child([&] { return ::setuid(65534) == 0 && code_of(to({path})->hello()) == errc::no_access; }));
  ::close(listener);
  ::unlink(path.c_str());
}

TEST_CASE("a keeper of another uid is sent nothing", "[connection]") {
  std::atomic<int> asked{0};
  const server keeper{fresh_address(), [&](int fd, const wire::request& r) { return ++asked, echo(fd, r); }};
  const auto refused = to({keeper.address()}, {.peers = std::vector<uid_t>{::getuid() + 1}})->hello();
  CHECK(code_of(refused) == errc::wrong_peer);
  CHECK_THAT(outcome(refused), Contains("uid " + std::to_string(::getuid()) + " listens there"));
  CHECK(asked == 0);
  CHECK(outcome(to({keeper.address()}, {.peers = std::vector<uid_t>{::getuid() + 1, ::getuid()}})->hello()) == "");
}

TEST_CASE("a keeper that was restarted is found again", "[connection]") {
  std::atomic<int> asked{0};
  server keeper{fresh_address(), [&](int fd, const wire::request& r) { return ++asked, echo(fd, r); }};
  const auto c = to({keeper.address()});
  CHECK(outcome(c->sign_message("a", signing({}))) == "");
  keeper.stop();
  keeper.start();
  CHECK(outcome(c->sign_message("a", signing({}))) == "");
  keeper.stop();
  keeper.start();
  CHECK(outcome(c->generate("a", {})) == "");  // nothing of it can have been received
  CHECK(asked == 3);
  keeper.stop();
  CHECK(code_of(c->hello()) == errc::unreachable);
}

TEST_CASE("a keeper that hangs up at every request is asked twice, and what counts once", "[connection]") {
  std::atomic<int> asked{0};
  const server keeper{fresh_address(), [&](int, const wire::request&) { return ++asked, false; }};
  const auto c = to({keeper.address()});
  const auto asked_by = [&](auto result, errc expected) {
    CHECK(code_of(result) == expected);
    return asked.exchange(0);
  };
  CHECK(asked_by(c->sign_message("a", signing({})), errc::closed) == 2);
  CHECK(asked_by(c->adopt("a", {}), errc::closed) == 2);
  CHECK(asked_by(c->generate("a", {}), errc::lost_answer) == 1);
  CHECK(asked_by(c->retire("a", {}), errc::lost_answer) == 1);
  CHECK(asked_by(c->approve({}), errc::lost_answer) == 1);
  CHECK(asked_by(c->finish(1), errc::lost_answer) == 1);
}

TEST_CASE("a keeper killed with a request in its hands", "[connection]") {
  const auto where = fresh_address();
  const int listener = listen_at(where);
  const pipe_ends received;
  const auto doomed = [&] {
    const pid_t child = ::fork();
    if (child == 0) {
      const int fd = ::accept(listener, nullptr, nullptr);
      serve_connection(fd, [&](int, const wire::request&) {
        received.signal();
        for (;;) ::pause();
        return false;
      });
      ::_exit(1);
    }
    return child;
  };
  const auto kill = [&](pid_t child) {
    received.await();
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  };
  const auto c = to({where});
  pid_t child = doomed();
  auto lost = std::async(std::launch::async, [&] { return c->generate("a", {}); });
  kill(child);
  CHECK(code_of(lost.get()) == errc::lost_answer);

  child = doomed();
  auto repeated = std::async(std::launch::async, [&] { return c->sign_message("a", signing({4})); });
  kill(child);
  const int fd = ::accept(listener, nullptr, nullptr);  // its successor
  serve_connection(fd, [](int to, const wire::request& r) { return echo(to, r), false; });
  CHECK(repeated.get().value() == bytes{4});
  ::close(fd);
  ::close(listener);
}

TEST_CASE("answers that are malformed, or to another question, are refused", "[connection]") {
  const bytes good = must(wire::encode(wire::sign_reply{{1}}));
  using change = std::function<bytes(const wire::request&)>;
  const auto from = [](const wire::reply& r) { return frame_of(r); };
  const std::vector<change> changes{
      [&](const wire::request& r) { return from({r.what, r.id + 1, status::ok, good}); },
      [&](const wire::request& r) { return from({operation::sign_digest, r.id, status::ok, good}); },
      [&](const wire::request& r) { return from({r.what, r.id, status::ok, {}}); },
      [&](const wire::request& r) {
        auto twice = from({r.what, r.id, status::ok, good});
        twice.insert(twice.end(), twice.begin(), twice.end());
        return twice;
      },
      [&](const wire::request& r) { return frame_of(r); },
      [&](const wire::request&) { return bytes{'H', 'T', 'T', 'P', '/', '1', '.', '1', ' ', '4', '0', '0'}; },
  };
  std::size_t n = 0;
  const server keeper{fresh_address(), [&](int fd, const wire::request& r) { return send_whole(fd, changes[n](r)), true; }};
  const auto c = to({keeper.address()});
  for (; n < changes.size(); ++n) {
    const auto refused = c->sign_message("a", signing({}));
    INFO(n << ": " << outcome(refused));
    CHECK(code_of(refused) == errc::bad_answer);
    CHECK(code_of(refused) == condition::peer_fault);
  }
}

TEST_CASE("an answer that comes byte by byte", "[connection]") {
  const server keeper{
      fresh_address(), [](int fd, const wire::request& r) {
        const auto frame = frame_of(wire::reply{r.what, r.id, status::ok, must(wire::encode(wire::sign_reply{bytes(900, 8)}))});
        for (const auto octet : frame) send_whole(fd, bytes_view{&octet, 1});
        return true;
      }};
  CHECK(to({keeper.address()})->sign_message("a", signing({})).value() == bytes(900, 8));
}

TEST_CASE("eight threads, a thousand calls each, some never answered", "[connection]") {
  const server keeper{fresh_address(), [](int fd, const wire::request& r) { return r.key == "lost" || echo(fd, r); }};
  const auto c = to({keeper.address()});
  std::atomic<int> wrong{0}, lost{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (unsigned i = 0; i < 1000; ++i) {
        if (i % 250 == t) {
          lost += code_of(c->sign_message("lost", signing({}), 5ms)) == errc::timed_out;
          continue;
        }
        const bytes payload{static_cast<std::uint8_t>(t), static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)};
        const auto signature = c->sign_message("a", signing(payload));
        if (!signature || *signature != payload) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
  CHECK(lost == 32);
  CHECK(keeper.connections() <= 8 + 32);
}

TEST_CASE("more calls at once than the connection keeps sockets", "[connection]") {
  std::atomic<int> here{0};
  std::promise<void> all_here;
  const auto all = all_here.get_future().share();
  constexpr int callers = 24;
  const server keeper{fresh_address(), [&](int fd, const wire::request& r) {
                        if (++here == callers) all_here.set_value();
                        all.wait();
                        return echo(fd, r);
                      }};
  const auto before = open_files();
  {
    const auto c = to({keeper.address()});
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < callers; ++t) threads.emplace_back([&] { good += c->hello().has_value(); });
    for (auto& thread : threads) thread.join();
    CHECK(good == callers);
    CHECK(open_files() <= before + callers + 16);  // the keeper's ends, and what is kept for next time
  }
  CHECK(open_files() <= before + callers);
}

TEST_CASE("sockets are closed on exec, and none is left behind", "[connection]") {
  const server keeper{fresh_address(), echo};
  const auto c = to({keeper.address()});
  const auto before = open_files();
  REQUIRE(outcome(c->hello()) == "");
  for (int fd = 0; fd < 1024; ++fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    sockaddr_un peer{};
    socklen_t size = sizeof peer;
    if (flags >= 0 && ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 && peer.sun_family == AF_UNIX &&
        size > 2 && std::string_view{peer.sun_path + 1, size - 3U} == keeper.address().substr(1))
      CHECK((flags & FD_CLOEXEC) != 0);
  }
  for (int i = 0; i < 100; ++i) CHECK(outcome(c->hello()) == "");
  CHECK(open_files() == before + 2);  // its end and ours
}

TEST_CASE("after fork() each process has sockets of its own", "[connection]") {
  const server keeper{fresh_address(), echo};
  const auto c = to({keeper.address()});
  REQUIRE(outcome(c->hello()) == "");
  CHECK(holds_in_child([&] { return c->hello().has_value() && c->sign_message("a", signing({1})).has_value(); }));
  CHECK(keeper.connections() == 2);
  CHECK(outcome(c->hello()) == "");
  CHECK(keeper.connections() == 2);  // the child has neither used nor shut down the parent's
}

TEST_CASE("fork() while other threads are calling", "[connection]") {
  const server keeper{fresh_address(), echo};
  const auto c = to({keeper.address()});
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t)
    threads.emplace_back([&] {
      while (!stop) wrong += !c->hello().has_value();
    });
  for (int i = 0; i < 20; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      bool good = true;
      for (int n = 0; n < 20; ++n) good = good && c->hello().has_value();
      ::_exit(good ? 0 : 1);
    }
    int how = 0;
    CHECK(::waitpid(child, &how, 0) == child);
    CHECK(how == 0);
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("on an inherited socket: calls take turns, late answers are left out, and it is never dialled again",
          "[connection]") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  std::vector<bytes> withheld;
  std::thread keeper{[&] {
    serve_connection(ends[1], [&](int fd, const wire::request& r) {
      if (r.key == "late") {
        withheld.push_back(frame_of(wire::reply{r.what, r.id, status::ok, must(wire::encode(wire::sign_reply{{9}}))}));
        return true;
      }
      for (const auto& frame : std::exchange(withheld, {})) send_whole(fd, frame);
      return r.key != "end" && echo(fd, r);
    });
    ::close(ends[1]);
  }};
  const auto c = connection::on(ends[0], {.deadline = long_enough});
  CHECK(c->sign_message("a", signing({1})).value() == bytes{1});
  CHECK(code_of(c->sign_message("late", signing({2}), 30ms)) == errc::timed_out);
  CHECK(code_of(c->generate("late", {}, 30ms)) == errc::timed_out);
  CHECK(c->sign_message("a", signing({3})).value() == bytes{3});
  CHECK(holds_in_child([&] { return code_of(c->hello()) == errc::closed && code_of(c->hello()) == errc::closed; }));

  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (unsigned i = 0; i < 200; ++i) {
        const bytes payload{static_cast<std::uint8_t>(t), static_cast<std::uint8_t>(i)};
        const auto signature = c->sign_message("a", signing(payload));
        if (!signature || *signature != payload) ++wrong;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);

  CHECK(code_of(c->sign_message("end", signing({}))) == errc::closed);
  CHECK(code_of(c->hello()) == errc::closed);
  keeper.join();
}

TEST_CASE("on an inherited socket a call waits for its turn no longer than its deadline", "[connection]") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const auto c = connection::on(ends[0], {.deadline = long_enough});
  auto first = std::async(std::launch::async, [&] { return c->hello(); });
  pollfd readable{.fd = ends[1], .events = POLLIN, .revents = 0};
  REQUIRE(::poll(&readable, 1, 20'000) == 1);  // the first call has its turn now
  CHECK_THAT(outcome(c->hello(30ms)), Contains("the only connection"));
  serve_connection(ends[1], [](int fd, const wire::request& r) { return echo(fd, r), false; });
  CHECK(outcome(first.get()) == "");
  ::close(ends[1]);
}

}  // namespace sealring::test
