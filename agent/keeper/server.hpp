// The keeper's sockets: connections, frames and threads. It knows nothing of keys.
//
// Run to completion: the thread that reads a request handles it and answers. A few threads, about one a CPU, share the
// connections; each connection is one thread's at a time. More threads gain nothing, since modules serialise what they are
// given and only make it wait inside.
#pragma once

#include "agent/keeper/peer.hpp"
#include "agent/wire/frame.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace sealring::agent {

/// Where a connection came from: the manager's own channel, or a socket that anybody can reach.
enum class channel { peer, manager };

struct client {
  peer_process process;
  channel via;
};

/// Answers one request by appending one reply. Called by several threads at once.
using request_handler = std::function<void(const client&, const wire::request&, bytes& out)>;

struct server_limits {
  std::size_t threads = 2;
  std::size_t connections = 4096;           ///< in all
  std::size_t connections_per_user = 1024;  ///< so that one user cannot shut out the others
};

class server {
public:
  server(request_handler handle, server_limits limits = {});
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();

  /// A listening socket, non-blocking. Not closed: it outlives this process's part in it.
  [[nodiscard]] result<void> listen_on(int socket);
  /// A connected socket whose other end has the manager's rights. run() ends when it is closed, if there is nothing to listen
  /// on.
  [[nodiscard]] result<void> serve_manager(int socket);

  /// Serves until stop() is called, or the last way in is closed. Requests under way are finished and answered.
  void run();
  /// From any thread, or from a signal handler.
  void stop() noexcept;

private:
  struct connection;
  void work();
  void accept_from(int listener);
  void converse(connection&);
  [[nodiscard]] bool receive(connection&);
  [[nodiscard]] bool flush(connection&);
  result<void> add(std::unique_ptr<connection>);
  void remove(connection&);

  request_handler handle_;
  server_limits limits_;
  int epoll_ = -1;
  int wake_ = -1;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;  // guards what follows
  std::map<int, std::unique_ptr<connection>> connections_;
  std::map<uid_t, std::size_t> per_user_;
  std::vector<int> listeners_;
  bool has_manager_ = false;
};

}  // namespace sealring::agent
