// A control server on a socket of its own, and raw requests to it.
#pragma once

#include "agent/control/client.hpp"
#include "agent/control/server.hpp"
#include "agent/scratch.hpp"
#include "agent/supervisor/listeners.hpp"

#include <boost/json/serialize.hpp>

#include <condition_variable>
#include <mutex>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace sealring::test {

using namespace agent::control;
using namespace std::chrono_literals;

/// What two threads wait for.
class gate {
public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  /// Whether it was opened before ten seconds had passed.
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [this] { return open_; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

struct control_bench {
  scratch_folder folder;
  std::string path = (folder / "control.sock").string();
  agent::listener listener = agent::open_listener(path).value();
  std::atomic<bool> operator_here = true;
  std::atomic<bool> ready = true;
  std::mutex mutex;
  std::vector<std::string> logged;
  gate entered, left;  // of POST /v1/wait
  std::atomic<int> finished = 0;

  server open() {
    router routes;
    routes.add({"GET", "/v1/hello/{name}", {"loud"}, [](const request& r) {
                  return answer(json::value{{"name", r.places.at("name")}, {"uid", r.who.uid}, {"pid", r.who.pid}});
                }});
    routes.add({"GET", "/v1/secret", {}, [](const request&, const progress&) { return answer(json::value("told")); }, true});
    routes.add({"POST", "/v1/echo", {"text"}, [](const request& r) { return answer(json::value(r.body)); }});
    routes.add({"POST", "/v1/wait", {}, [this](const request&, const progress& tell) {
                  tell("one");
                  tell("two");
                  entered.open();
                  const bool good = left.wait();
                  ++finished;
                  return good ? answer(json::value("done")) : refusal(agent::fail(condition::retry_later, "nobody came"));
                }});
    routes.add({"POST", "/v1/fail", {}, [](const request&, const progress&) -> answer {
                  return refusal(agent::fail(condition::denied, "not this"), "some.rule");
                }});
    routes.add({"POST", "/v1/throw", {}, [](const request&, const progress&) -> answer { throw std::runtime_error("oh"); }});
    server_options options{.is_operator = [this](uid_t) { return operator_here.load(); },
                           .ready = [this]() -> agent::result<void> {
                             if (ready) return {};
                             return agent::fail(condition::retry_later, "not yet");
                           },
                           .log =
                               [this](std::string_view line) {
                                 const std::lock_guard lock(mutex);
                                 logged.emplace_back(line);
                               }};
    options.patience = 1s;
    options.beat = 50ms;
    options.connections_a_user = 8;
    return server::open(listener.socket.get(), std::move(routes), std::move(options)).value();
  }
};

inline agent::descriptor connect_to(const std::string& path) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::memcpy(at.sun_path, path.data(), path.size());
  agent::descriptor out(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(out.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  return out;
}

/// All that comes until the other side closes, or `enough` has come.
inline std::string receive(int socket, std::string_view enough = {}) {
  std::string answer;
  char buffer[4096];
  pollfd ready{socket, POLLIN, 0};
  while (::poll(&ready, 1, 10'000) == 1) {
    const ssize_t got = ::recv(socket, buffer, sizeof buffer, 0);
    if (got <= 0) break;
    answer.append(buffer, static_cast<std::size_t>(got));
    if (!enough.empty() && answer.find(enough) != std::string::npos) break;
  }
  return answer;
}

inline void send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;  // refused already
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

inline std::string ask(const std::string& path, std::string_view request) {
  const auto socket = connect_to(path);
  send_all(socket.get(), request);
  return receive(socket.get());
}

inline std::string post(const std::string& path, const std::string& what, const std::string& body) {
  return ask(path, "POST " + what + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
                       std::to_string(body.size()) + "\r\n\r\n" + body);
}

}  // namespace sealring::test
