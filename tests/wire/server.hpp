// A keeper's side of the wire for tests: a real socket, a thread a connection, and answers that the test decides upon.
#pragma once

#include "agent/client/address.hpp"
#include "agent/wire/message.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace sealring::test {

inline std::string fresh_address() {
  static std::atomic<int> count{0};
  return "@sealring-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

inline int listen_at(const std::string& where, int backlog = 64) {
  const auto address = client::address::parse(where);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (!address || ::bind(fd, address->raw(), address->size()) != 0 || ::listen(fd, backlog) != 0)
    throw std::runtime_error{"cannot listen at " + where};
  return fd;
}

inline void send_whole(int fd, bytes_view data) {
  while (!data.empty()) {
    const auto n = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    data = data.subspan(static_cast<std::size_t>(n));
  }
}

template <class M>
void answer(int fd, const wire::request& r, const M& m) {
  bytes out;
  const auto body = wire::encode(m);
  if (body && wire::append(out, wire::reply{r.what, r.id, wire::status::ok, *body})) send_whole(fd, out);
}

inline void refuse(int fd, const wire::request& r, wire::status why, std::string_view text) {
  bytes out;
  wire::append_refusal(out, r.what, r.id, why, text);
  send_whole(fd, out);
}

/// Called for each request, with the socket that it came on; false hangs up.
using handler = std::function<bool(int fd, const wire::request&)>;

/// Serves one connection until either side has had enough, and closes it.
inline void serve_connection(int fd, const handler& handle) {
  bytes read;
  for (bool go_on = true; go_on;) {
    const auto seen = wire::decode_request(read);
    if (!seen) break;
    if (seen->missing == 0) {
      go_on = handle(fd, seen->frame);
      read.erase(read.begin(), read.begin() + static_cast<std::ptrdiff_t>(seen->used));
      continue;
    }
    std::uint8_t chunk[4096];
    const auto n = ::recv(fd, chunk, sizeof chunk, 0);
    if (n <= 0) break;
    read.insert(read.end(), chunk, chunk + n);
  }
}

class server {
public:
  server(std::string where, handler handle) : where_{std::move(where)}, handle_{std::move(handle)} { start(); }
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server() { stop(); }

  const std::string& address() const { return where_; }
  int connections() const { return connections_; }

  void start() {
    listener_ = listen_at(where_);
    acceptor_ = std::thread{[this] { accept_all(); }};
  }

  /// Nothing is left of it, as after a kill.
  void stop() {
    if (listener_ < 0) return;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(std::exchange(listener_, -1));
    for (auto& one : served_) {
      ::shutdown(one.fd, SHUT_RDWR);
      one.thread.join();
      ::close(one.fd);
    }
    served_.clear();
  }

private:
  struct served {
    int fd;
    std::thread thread;
  };
  void accept_all() {
    for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      ++connections_;
      auto& one = served_.emplace_back();
      one.fd = fd;
      one.thread = std::thread{[this, fd] {
        serve_connection(fd, handle_);
        ::shutdown(fd, SHUT_RDWR);
      }};
    }
  }

  std::string where_;
  handler handle_;
  int listener_ = -1;
  std::atomic<int> connections_{0};
  std::list<served> served_;
  std::thread acceptor_;
};

}  // namespace sealring::test
