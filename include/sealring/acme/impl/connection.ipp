#pragma once

#include "sealring/acme/connection.hpp"

#include <algorithm>

namespace sealring::inline v0::acme {

namespace detail {

SEALRING_INLINE std::chrono::sys_seconds now_in_seconds() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

SEALRING_INLINE failure not_offered(const std::string& what) {
  return {make_error_code(errc::not_offered), "the CA does not offer " + what};
}

SEALRING_INLINE failure authorization_failure(const authorization& a) {
  const std::string where = "authorization of " + a.identifier.value;
  for (const challenge& c : a.challenges)
    if (c.error) return refused(where + " by " + c.type, *c.error, errc::authorization_failed);
  return {make_error_code(errc::authorization_failed), where + ": the CA says it is " + a.status};
}

/// An error ends the wait, except in a challenge that the CA is still trying ("processing", RFC 8555 section 8.2).
inline bool has_failed(const authorization& a) {
  return std::ranges::any_of(a.challenges,
                             [](const challenge& c) { return c.status == "invalid" || (c.error && c.status != "processing"); });
}

SEALRING_INLINE bool is_undecided(const authorization& a) {
  return (a.status == "pending" || a.status == "processing") && !has_failed(a);
}

SEALRING_INLINE failure unsolvable(const authorization& a) {
  std::string offered;
  for (const challenge& c : a.challenges) offered += (offered.empty() ? "" : ", ") + c.type;
  return {make_error_code(errc::no_solvable_challenge), "authorization of " + a.identifier.value +
                                                            ": the CA offers no challenge that can be met here; it offers " +
                                                            (offered.empty() ? "none" : offered)};
}

SEALRING_INLINE failure order_failure(const order& o) {
  if (o.error) return refused("order " + o.url, *o.error, errc::order_failed);
  return {make_error_code(errc::order_failed),
          "order " + o.url + ": the CA says it is " + (o.status.empty() ? "nothing" : o.status)};
}

SEALRING_INLINE failure no_account() {
  return {make_error_code(errc::no_account), "call register_account, find_account or use_account first"};
}

SEALRING_INLINE result<json::object> object_of(const http::response& r, const std::string& url) {
  auto object = parse_object(r.body);
  if (!object) return failure{make_error_code(errc::not_acme), url + ": the answer is not a JSON object"};
  return *std::move(object);
}

SEALRING_INLINE std::chrono::milliseconds back_off::after(std::optional<std::chrono::seconds> retry_after) {
  // Some CAs say "a day" of what is decided in seconds.
  if (retry_after && retry_after->count() > 0) return std::min(*retry_after, std::chrono::seconds{30});
  const auto wait = next_;
  next_ = std::min<std::chrono::milliseconds>(next_ * 2, std::chrono::seconds{5});
  return wait;
}

}  // namespace detail

}  // namespace sealring::inline v0::acme
