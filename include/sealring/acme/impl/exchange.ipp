#pragma once

#include "sealring/acme/exchange.hpp"

#include "sealring/base64url.hpp"

#include <algorithm>

namespace sealring::inline v0::acme {

namespace detail {

inline constexpr int redirect_limit = 5;

SEALRING_INLINE failure refusal(const std::string& url, const http::response& r) {
  failure f{};
  // By its content: gateways are careless with the media type.
  const auto document = parse_object(r.body);
  if (document && !text(*document, "type").empty()) f = refused(url, to_problem(*document, r.status));
  else
    f = {make_error_code(errc::not_acme),
         url + ": HTTP status " + std::to_string(r.status) + " without an ACME problem document"};
  const bool passing = f.problem && (f.problem->is("rateLimited") || f.problem->is("serverInternal"));
  if (passing || r.status == 429 || r.status >= 500) f.code = make_error_code(errc::busy);
  f.retry_after = http::retry_after(r, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
  f.location = http::resolve(url, r.header_value("Location"));
  return f;
}

SEALRING_INLINE result<void> check_size(const std::string& url, const http::response& r, std::size_t max_body) {
  if (r.body.size() <= max_body) return {};
  return failure{make_error_code(errc::body_too_large),
                 url + ": the answer is larger than " + std::to_string(max_body) + " octets"};
}

}  // namespace detail

SEALRING_INLINE void nonce_pool::put(std::string_view nonce) {
  // "Clients MUST ignore invalid Replay-Nonce values": those that are not 1*base64url. (They need not decode to anything.)
  const auto base64url = [](char c) { return sealring::detail::base64url_value(c) >= 0; };
  if (nonce.empty() || !std::ranges::all_of(nonce, base64url)) return;
  if (nonces_.size() == capacity) nonces_.erase(nonces_.begin());
  nonces_.emplace_back(nonce);
}

SEALRING_INLINE std::string nonce_pool::take() {
  std::string nonce = std::move(nonces_.back());
  nonces_.pop_back();
  return nonce;
}

SEALRING_INLINE result<http::request> fetch::request() const {
  return http::request{.verb = http::method::get,
                       .url = url_,
                       .accept = "application/json",
                       .user_agent = shared_.user_agent,
                       .max_body = shared_.max_body,
                       .deadline = deadline_};
}

SEALRING_INLINE result<void> fetch::receive(http::response r) {
  if (auto small = detail::check_size(url_, r, shared_.max_body); !small) return small;
  if (r.status == 301 || r.status == 302 || r.status == 303 || r.status == 307 || r.status == 308) {
    std::string target = http::resolve(url_, r.header_value("Location"));
    if (++redirects_ > detail::redirect_limit || !target.starts_with("https://"))
      return failure{make_error_code(errc::bad_redirect), url_ + " redirects to \"" + target +
                                                              "\", which is not followed: only https, and only " +
                                                              std::to_string(detail::redirect_limit) + " times"};
    url_ = std::move(target);
    return {};
  }
  if (r.status != 200) return detail::refusal(url_, r);
  response_ = std::move(r);
  done_ = true;
  return {};
}

}  // namespace sealring::inline v0::acme
