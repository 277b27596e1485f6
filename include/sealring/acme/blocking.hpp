// Blocking: a client's flows run to their end in the caller's thread.
#pragma once

#include "sealring/acme/connection.hpp"
#include "sealring/acme/solver.hpp"

namespace sealring::inline v0::acme {

namespace detail {

void pause(std::chrono::milliseconds time);

/// Where everything has happened when it is awaited.
template <http::client Http>
struct blocking_world {
  static constexpr bool blocking = true;

  template <class K>
  using pen = const K&;

  Http& http;

  ready<result<http::response>> perform(const http::request& r) { return {http.perform(r)}; }

  ready<result<void>> sleep(std::chrono::milliseconds time) {
    pause(time);
    return {{}};
  }

  template <challenge_solver V>
  ready<result<void>> present(V& solver, const task& t) {
    return {answer_of(solver.present(t.identifier, t.challenge, t.key_authorization), "presenting " + t.name())};
  }

  template <challenge_solver V>
  ready<result<void>> look(V& solver, const task& t) {
    return {answer_of(solver.look(t.identifier, t.challenge, t.key_authorization), "looking at " + t.name())};
  }

  template <challenge_solver V>
  ready<bool> clean_up(V& solver, const task& t) noexcept {
    solver.clean_up(t.identifier, t.challenge);
    return {true};
  }
};

template <class T>
[[nodiscard]] result<T> run(flow<T> f) {
  f.start();
  return f.take();
}

}  // namespace detail

/// Gets a CA's directory. Needs no key.
template <http::client Http>
[[nodiscard]] result<directory> read_directory(Http& http, std::string url, const client_options& options = {}) {
  detail::blocking_world<Http> world{http};
  return detail::run(detail::get_directory(world, std::move(url), options));
}

/// When the CA would have the certificate of that certificate_id renewed (RFC 9773). Needs no key. A failure, too, may say when
/// to ask again.
template <http::client Http>
[[nodiscard]] result<renewal_info> read_renewal_info(Http& http, const directory& ca, std::string_view id,
                                                     const client_options& options = {}) {
  detail::blocking_world<Http> world{http};
  return detail::run(detail::get_renewal_info(world, ca, std::string{id}, options));
}

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/blocking.ipp"
#endif
