// What every header over standalone Asio needs: its floor, handlers completed where they want to be, and what is thrown where
// nobody could catch it.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/associated_allocator.hpp>
#include <asio/associated_cancellation_slot.hpp>
#include <asio/associated_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/bind_allocator.hpp>
#include <asio/execution/outstanding_work.hpp>
#include <asio/post.hpp>
#include <asio/prefer.hpp>
#include <asio/version.hpp>

#if ASIO_VERSION < 102200
#error "sealring needs standalone Asio 1.22 or later (cancellation slots): on Debian 12 install libasio-dev"
#endif

#include <exception>
#include <memory>
#include <system_error>
#include <tuple>

namespace sealring::inline v0::detail {

/// Where the handler is to be called; it counts as work there until then.
template <class Handler>
auto tracked_executor(const Handler& handler, const asio::any_io_executor& otherwise) {
  return asio::prefer(asio::get_associated_executor(handler, otherwise), asio::execution::outstanding_work.tracked);
}

/// Calls the handler there, later, in memory of its own allocator.
template <class Executor, class Handler, class... Arguments>
void complete_at(const Executor& where, Handler handler, std::tuple<Arguments...> arguments) {
  const auto allocator = asio::get_associated_allocator(handler);
  asio::post(where, asio::bind_allocator(allocator, [handler = std::move(handler), arguments = std::move(arguments)]() mutable {
               std::apply(std::move(handler), std::move(arguments));
             }));
}

/// What a user's code has thrown, as a failure of what it was asked for.
inline std::error_code code_of(const std::exception& thrown) noexcept {
  const auto* with_code = dynamic_cast<const std::system_error*>(&thrown);
  if (with_code != nullptr && with_code->code()) return with_code->code();
  return std::make_error_code(std::errc::io_error);
}

}  // namespace sealring::inline v0::detail
