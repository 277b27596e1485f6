// Blocking: exchanges driven in the caller's thread, and how long to sleep before asking again.
#pragma once

#include "sealring/acme/exchange.hpp"
#include "sealring/acme/renewal_info.hpp"

#include <thread>

namespace sealring::inline v0::acme {

struct client_options {
  std::string user_agent = std::string{"sealring/"} + version;
  std::chrono::seconds request_timeout{30};  ///< for one request with all its retries
  std::chrono::seconds wait_timeout{300};    ///< for an authorization or an order to leave "pending" or "processing"
};

namespace detail {

/// Until the exchange is done. A server that asks for a short pause (503) gets it.
template <http::client Http, class Exchange>
result<void> drive(Http& http, Exchange& exchange) {
  while (!exchange.done()) {
    auto request = exchange.request();
    if (!request) return request.error();
    if (http::clock::now() >= request->deadline)
      return failure{make_error_code(errc::deadline_exceeded), request->url + ": no useful answer in the time allowed"};
    auto response = http.perform(*request);
    if (!response) return response.error();
    const bool busy = response->status == 503;
    auto eaten = exchange.receive(*std::move(response));
    if (eaten) continue;
    const auto pause = eaten.error().retry_after;
    if (!busy || !pause || http::clock::now() + *pause >= request->deadline) return eaten.error();
    std::this_thread::sleep_for(std::max<std::chrono::milliseconds>(*pause, std::chrono::milliseconds{100}));
  }
  return {};
}

/// How long to wait before looking again: what the server says, else soon at first and then ever less often.
class back_off {
public:
  explicit back_off(std::chrono::milliseconds first) : next_{first} {}

  std::chrono::milliseconds after(std::optional<std::chrono::seconds> retry_after) {
    // Some CAs say "a day" of what is decided in seconds.
    if (retry_after && retry_after->count() > 0) return std::min(*retry_after, std::chrono::seconds{30});
    const auto wait = next_;
    next_ = std::min<std::chrono::milliseconds>(next_ * 2, std::chrono::seconds{5});
    return wait;
  }

private:
  std::chrono::milliseconds next_;
};

inline std::chrono::sys_seconds now_in_seconds() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

inline failure not_offered(const std::string& what) {
  return {make_error_code(errc::not_offered), "the CA does not offer " + what};
}

}  // namespace detail

/// Gets a CA's directory. Needs no key.
template <http::client Http>
[[nodiscard]] result<directory> read_directory(Http& http, std::string url, const client_options& options = {}) {
  const session anonymous{.user_agent = options.user_agent};
  fetch get{anonymous, std::move(url), http::clock::now() + options.request_timeout};
  if (auto driven = detail::drive(http, get); !driven) return driven.error();
  const auto object = parse_object(get.response().body);
  if (!object)
    return failure{make_error_code(errc::not_acme), get.url() + " does not answer JSON; is this the URL of an ACME directory?"};
  auto read = to_directory(*object);
  if (!read)
    return failure{
        make_error_code(errc::not_acme),
        get.url() + " answers JSON without newNonce, newAccount and newOrder; is this the URL of an ACME directory?"};
  read->url = get.url();
  return *std::move(read);
}

/// When the CA would have the certificate of that certificate_id renewed (RFC 9773). Needs no key. A failure, too, may say when
/// to ask again.
template <http::client Http>
[[nodiscard]] result<renewal_info> read_renewal_info(Http& http, const directory& ca, std::string_view id,
                                                     const client_options& options = {}) {
  std::string url = ca.renewal_info;
  if (url.empty()) return detail::not_offered("renewal information");
  if (id.empty()) return detail::not_offered("renewal information for a certificate without authorityKeyIdentifier");
  if (!url.ends_with('/')) url += '/';
  const session anonymous{.user_agent = options.user_agent};
  fetch get{anonymous, url.append(id), http::clock::now() + options.request_timeout};
  if (auto driven = detail::drive(http, get); !driven) return driven.error();
  return read_renewal_info(get.response(), get.url(),
                           std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

}  // namespace sealring::inline v0::acme
