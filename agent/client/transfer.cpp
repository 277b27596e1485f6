#include "agent/client/transfer.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>

namespace sealring::inline v0::client {
namespace {

using wire::errc;

/// True once the socket is ready, or broken, which the next call on it will tell.
bool wait_for(int fd, short events, instant deadline) noexcept {
  for (;;) {
    pollfd one{.fd = fd, .events = events, .revents = 0};
    const int ready = ::poll(&one, 1, milliseconds_until(deadline));
    if (ready >= 0 || errno != EINTR) return ready != 0;
  }
}

}  // namespace

std::error_code send_all(int fd, bytes_view frame, instant deadline, std::size_t& sent) {
  sent = 0;
  while (sent < frame.size()) {
    const auto n = ::send(fd, frame.data() + sent, frame.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) sent += static_cast<std::size_t>(n);
    else if (errno == EAGAIN && !wait_for(fd, POLLOUT, deadline)) return errc::timed_out;
    else if (errno != EAGAIN && errno != EINTR) return errc::closed;
  }
  return {};
}

sealring::result<wire::reply> incoming::next(int fd, instant deadline) {
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(used_));
  filled_ -= used_;
  used_ = 0;
  for (;;) {
    const auto seen = wire::decode_reply(bytes_view{buffer_}.first(filled_));
    if (!seen) return seen.error();
    if (seen->missing == 0) {
      used_ = seen->used;
      return seen->frame;
    }
    buffer_.resize(std::max(buffer_.size(), filled_ + seen->missing));
    if (!wait_for(fd, POLLIN, deadline)) return errc::timed_out;
    const auto n = ::recv(fd, buffer_.data() + filled_, buffer_.size() - filled_, MSG_DONTWAIT);
    if (n > 0) filled_ += static_cast<std::size_t>(n);
    else if (n == 0 || (errno != EAGAIN && errno != EINTR)) return errc::closed;
  }
}

}  // namespace sealring::inline v0::client
