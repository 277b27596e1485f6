// control.sock: the operations of a router over HTTP, for those who may connect, and what changes anything for operators alone.
#pragma once

#include "agent/control/router.hpp"

#include <chrono>
#include <memory>

namespace sealring::agent::control {

inline constexpr std::size_t max_body = 64 * 1024;

struct server_options {
  std::function<bool(uid_t)> is_operator;            ///< asked for each request that is for operators alone
  std::function<result<void>()> ready{};             ///< asked then too: why it cannot be done yet
  std::function<void(std::string_view line)> log{};  ///< who has asked for what of these
  std::chrono::seconds patience{10};                 ///< with a client that neither sends nor reads
  std::chrono::milliseconds beat{3000};              ///< a stream is never silent for longer
  unsigned connections = 128;
  unsigned connections_a_user = 32;  ///< so that nobody can keep the others out
};

/// Serves from `open` until `close`, with a thread for each connection: handlers may block, and are called by many at once.
class server {
public:
  /// `listener` is a listening socket of AF_UNIX, which stays the caller's and goes on listening after us.
  [[nodiscard]] static result<server> open(int listener, router, server_options);

  server(server&&) noexcept;
  server& operator=(server&&) noexcept;
  /// Waits for all that is under way.
  ~server();

  /// Takes no more, and waits so long for what is under way. False if something still is: destroying this would wait for it.
  [[nodiscard]] bool close(std::chrono::milliseconds patience);

private:
  struct state;
  explicit server(std::unique_ptr<state>) noexcept;
  std::unique_ptr<state> state_;
};

}  // namespace sealring::agent::control
