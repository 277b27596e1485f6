// `http::async_client` over libcurl's multi interface and standalone Asio: many requests at once in one thread, connections
// used again, and nothing that blocks.
#pragma once

#include "sealring/http/curl_loop.hpp"

namespace sealring::inline v0::http {

/// Copies share their connections. Safe from many threads: the work is done on a strand. The handler is posted to its
/// associated executor, or else to this one; a request is cancelled by its handler's cancellation slot. The executor's context
/// must outlive the last copy. Names are looked up as libcurl was built to: Debian's does that in threads of its own.
class curl_asio {
public:
  /// `ca_file` is a PEM file of trust anchors that replaces the system's; empty for the system's.
  explicit curl_asio(const asio::any_io_executor& executor, std::string ca_file = {})
      : loop_{std::make_shared<detail::curl_loop>(executor)}, ca_file_{std::move(ca_file)} {}

  [[nodiscard]] asio::any_io_executor get_executor() const noexcept { return loop_->get_executor(); }

  template <asio::completion_token_for<void(acme::result<response>)> Token>
  auto async_perform(request r, Token&& token) const {
    return asio::async_initiate<Token, void(acme::result<response>)>(
        [loop = loop_, ca_file = ca_file_](auto handler, request asked) {
          if (auto late = detail::curl_transfer::too_late(asked)) {
            const auto home = sealring::detail::tracked_executor(handler, loop->get_executor());
            return sealring::detail::complete_at(home, std::move(handler),
                                                 std::tuple{acme::result<response>{*std::move(late)}});
          }
          auto slot = asio::get_associated_cancellation_slot(handler);
          auto one = std::make_shared<waiting<decltype(handler)>>(detail::make_curl_easy(ca_file), std::move(asked),
                                                                  std::move(handler), loop->get_executor());
          if (slot.is_connected())
            slot.assign(
                [loop = std::weak_ptr{loop}, weak = std::weak_ptr<detail::curl_loop::pending>{one}](asio::cancellation_type) {
                  if (const auto alive = loop.lock()) alive->cancel(weak);
                });
          loop->start(std::move(one));
        },
        token, std::move(r));
  }

private:
  template <class Handler>
  class waiting final : public detail::curl_loop::pending {
  public:
    waiting(detail::curl_easy easy, request r, Handler handler, const asio::any_io_executor& otherwise)
        : pending{std::move(easy), std::move(r)},
          handler_{std::move(handler)},
          home_{sealring::detail::tracked_executor(handler_, otherwise)} {}

  private:
    void complete(acme::result<response> answer) override {
      sealring::detail::complete_at(home_, std::move(handler_), std::tuple{std::move(answer)});
    }

    Handler handler_;
    decltype(sealring::detail::tracked_executor(std::declval<const Handler&>(), std::declval<asio::any_io_executor>())) home_;
  };

  std::shared_ptr<detail::curl_loop> loop_;
  std::string ca_file_;
};

}  // namespace sealring::inline v0::http
