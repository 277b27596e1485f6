// The sockets of a connection, each used by one call at a time.
//
// A slot is taken and given back by one atomic operation on the process id of its holder. So there is no lock that a fork()
// could find held; a slot that a thread of the parent process held is known by that process's id, and taken over; and a socket
// that another process opened is closed, never shut down, by the first call that comes upon it. A number that means another
// file by now is forgotten: daemons close all descriptors that they do not know, and then open their own.
#pragma once

#include "agent/client/address.hpp"

#include <sys/types.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>

namespace sealring::inline v0::client {

struct socket_slot {
  std::atomic<pid_t> holder{0};  // 0: free
  int fd = -1;
  pid_t opened_by = 0;
  dev_t device = 0;  // with `inode`: which socket it was, for a program may close descriptors that are not its own
  ino_t inode = 0;
  std::uint32_t last_id = 0;
};

class socket_pool {
public:
  /// For sockets that are dialled: more calls at once than slots get a socket of their own for one call.
  socket_pool() = default;
  /// For the one socket that there is: calls take turns.
  explicit socket_pool(descriptor only);
  socket_pool(const socket_pool&) = delete;
  socket_pool& operator=(const socket_pool&) = delete;
  ~socket_pool();

  bool single() const noexcept { return single_; }

  /// A call's hold on one socket, open or yet to be opened.
  class turn {
  public:
    turn(socket_pool&, instant deadline);
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;
    ~turn();

    /// False where the one socket did not become free in time.
    bool taken() const noexcept { return slot_ != nullptr; }

    int fd() const noexcept { return slot_->fd; }
    void open(descriptor fd) noexcept;
    void close() noexcept;
    std::uint32_t next_id() noexcept { return ++slot_->last_id; }

  private:
    socket_pool& pool_;
    const pid_t process_;
    socket_slot extra_;
    socket_slot* slot_ = nullptr;
  };

private:
  socket_slot* take_any(pid_t) noexcept;
  socket_slot* take_single(pid_t, instant deadline);
  void give_back(socket_slot&, pid_t) noexcept;

  std::array<socket_slot, 16> slots_;
  const bool single_ = false;
  const pid_t made_by_ = 0;
  std::mutex mutex_;  // only ever locked in the process that made a single socket's pool
  std::condition_variable given_back_;
};

}  // namespace sealring::inline v0::client
