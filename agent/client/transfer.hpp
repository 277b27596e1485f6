// One frame out, one frame in, before a deadline.
#pragma once

#include "agent/client/address.hpp"
#include "agent/wire/frame.hpp"

namespace sealring::inline v0::client {

/// errc::timed_out, errc::closed. `sent` says how much had gone out by then.
[[nodiscard]] std::error_code send_all(int fd, bytes_view frame, instant deadline, std::size_t& sent);

/// Bytes that came in, and the reply that they begin with.
class incoming {
public:
  /// Reads until there is a whole reply. errc::timed_out, errc::closed, or what is wrong with the frame. Views last until the
  /// next call.
  [[nodiscard]] sealring::result<wire::reply> next(int fd, instant deadline);

  /// Has nothing come that is not part of a reply that next() gave?
  bool at_boundary() const noexcept { return used_ == filled_; }

  incoming() = default;
  incoming(incoming&&) = default;  // the views remain good
  incoming& operator=(incoming&&) = default;
  incoming(const incoming&) = delete;
  incoming& operator=(const incoming&) = delete;
  ~incoming() = default;

private:
  bytes buffer_ = bytes(512);  // a signature and its header; more only for a frame that says it is longer
  std::size_t filled_ = 0;
  std::size_t used_ = 0;
};

}  // namespace sealring::inline v0::client
