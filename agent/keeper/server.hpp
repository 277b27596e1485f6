// The keeper's sockets: connections, frames and threads. It knows nothing of keys.
//
// Run to completion: the thread that reads a request handles it and answers. A few threads, about one a CPU, share the
// connections; each connection is one thread's at a time. More threads gain nothing, since modules serialise what they are
// given and only make it wait inside; except where they wait for the disk.
#pragma once

#include "agent/keeper/audit/peer.hpp"
#include "agent/wire/frame.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace sealring::agent {

/// Where a connection came from: a socket that anybody can reach, a link of the manager's, or the command that has started us.
enum class channel { peer, manager, command };

/// Who asks, by the kernel's word (SO_PEERCRED, SO_PEERGROUPS).
struct caller {
  audit::peer process;
  std::vector<gid_t> groups;  ///< supplementary
  channel via;
};

[[nodiscard]] result<caller> identify(int socket, channel);

/// One request, and when its bytes were read.
struct arrival {
  const wire::request& request;
  std::chrono::steady_clock::time_point read_at;
};

/// Answers one request by appending one reply. Called by several threads at once.
using request_handler = std::function<void(const caller&, const arrival&, bytes& out)>;
/// What a thread does that has sent replies, and for a moment had nothing more to do.
using spare_time = std::function<void()>;

struct server_limits {
  std::size_t threads = 2;
  std::size_t connections = 4096;           ///< in all
  std::size_t connections_per_user = 1024;  ///< so that one user cannot shut out the others
};

class server {
public:
  server(request_handler handle, server_limits limits = {}, spare_time spare = {});
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();

  /// A listening socket, non-blocking. Not closed: it outlives this process's part in it.
  [[nodiscard]] result<void> listen_on(int socket);
  /// A connected socket whose other end is the command that needs us: run() ends when it is closed, if there is nothing to
  /// listen on.
  [[nodiscard]] result<void> serve_command(int socket);
  /// A channel on which links to the manager come, one whenever either of us has been started: see links.hpp.
  [[nodiscard]] result<void> take_links(int channel);

  /// Serves until stop() is called, or the last way in is closed. Requests under way are finished and answered.
  void run();
  /// From any thread, or from a signal handler.
  void stop() noexcept;

  /// Whether a request has been under way for longer than any should take: seconds for a signature, minutes for a new key.
  [[nodiscard]] bool hangs(std::chrono::steady_clock::time_point now) const noexcept;

private:
  struct connection;
  void work(std::size_t thread);
  void accept_from(int listener);
  void take_link();
  [[nodiscard]] std::optional<int> next(std::optional<std::chrono::nanoseconds> time) const;
  void serve(int descriptor, std::size_t thread);
  void converse(connection&, std::size_t thread);
  [[nodiscard]] bool receive(connection&, std::size_t thread);
  [[nodiscard]] bool flush(connection&);
  result<void> add(std::unique_ptr<connection>);
  void remove(connection&);

  request_handler handle_;
  spare_time spare_;
  server_limits limits_;
  int epoll_ = -1;
  int wake_ = -1;
  int links_ = -1;
  std::atomic<bool> stopping_ = false;
  std::vector<std::atomic<std::chrono::steady_clock::rep>> due_;  // by thread: when its request should be done; 0: it has none
  std::atomic<std::chrono::steady_clock::rep> eased_ = 0;         // none is late before, since one that may take long has ended
  std::mutex mutex_;                                              // guards what follows
  std::map<int, std::unique_ptr<connection>> connections_;
  std::map<uid_t, std::size_t> per_user_;
  std::vector<int> listeners_;
};

}  // namespace sealring::agent
