// [metrics] listen: GET /metrics for Prometheus, GET /healthz for whoever watches, and nothing else. It changes nothing.
#pragma once

#include "agent/failure.hpp"
#include "agent/metrics/snapshot.hpp"

#include <functional>
#include <memory>
#include <string_view>

namespace sealring::agent {

/// Listens from `open` until it is destroyed, on a thread of its own.
class metrics_listener {
public:
  /// Called on the listener's thread, at most once a second; it must come to its end by itself, with whatever it knows by then.
  using source = std::function<snapshot()>;

  /// `listen` is what listen_address.hpp says.
  [[nodiscard]] static result<metrics_listener> open(std::string_view listen, source);

  metrics_listener(metrics_listener&&) noexcept;
  metrics_listener& operator=(metrics_listener&&) noexcept;
  ~metrics_listener();

  /// Where it listens; of use when the port asked for was 0.
  [[nodiscard]] std::uint16_t port() const noexcept;

private:
  struct server;
  explicit metrics_listener(std::unique_ptr<server>) noexcept;
  std::unique_ptr<server> server_;
};

}  // namespace sealring::agent
