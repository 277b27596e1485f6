// A CA that says what the test wrote down, in that order: for what a real one cannot be made to do.
#pragma once

#include "sealring/acme/client.hpp"
#include "sealring/base64url.hpp"
#include "unit/support.hpp"

#include <deque>
#include <memory>

/// Failed checks show the failure.
template <class T>
struct Catch::StringMaker<sealring::acme::result<T>> {
  static std::string convert(const sealring::acme::result<T>& r) { return r ? "a value" : r.error().what; }
};

namespace sealring::test {

inline http::response answer(int status, std::string body, std::vector<http::header> headers = {}) {
  headers.push_back({"Replay-Nonce", "bm9uY2U"});
  const bool refusal = status >= 400;
  headers.push_back({"Content-Type", refusal ? "application/problem+json" : "application/json"});
  return {status, std::move(headers), std::move(body)};
}

inline http::response problem_of(int status, const std::string& name, std::vector<http::header> headers = {}) {
  return answer(status, R"({"type":"urn:ietf:params:acme:error:)" + name + R"(","detail":"as scripted"})", std::move(headers));
}

/// Copies share the script, so that the test can look at it after the client took one.
class scripted_ca {
public:
  scripted_ca& then(http::response r) {
    state_->answers.push_back(std::move(r));
    return *this;
  }
  /// `more` members: `,"keyChange":"https://ca/key-change"`.
  scripted_ca& directory(const std::string& more = {}) {
    return then({200,
                 {},
                 R"({"newNonce":"https://ca/nonce","newAccount":"https://ca/account","newOrder":"https://ca/order",
                     "revokeCert":"https://ca/revoke")" +
                     more + '}'});
  }

  acme::result<http::response> perform(const http::request& asked) {
    state_->asked.push_back(asked);
    if (state_->answers.empty()) return acme::failure{make_error_code(acme::errc::transport), "the script ends here"};
    http::response next = std::move(state_->answers.front());
    state_->answers.pop_front();
    return next;
  }

  const std::vector<http::request>& asked() const { return state_->asked; }
  std::size_t left() const { return state_->answers.size(); }

private:
  struct state {
    std::deque<http::response> answers;
    std::vector<http::request> asked;
  };
  std::shared_ptr<state> state_ = std::make_shared<state>();
};
static_assert(http::client<scripted_ca>);

/// The protected header of a flattened JWS.
inline acme::json::object protected_header(const http::request& r) {
  const auto jws = acme::parse_object(r.body).value();
  return acme::parse_object(as_text(base64url_decode(acme::text(jws, "protected")).value())).value();
}

inline std::string payload_of(const http::request& r) {
  const auto jws = acme::parse_object(r.body).value();
  return std::string{as_text(base64url_decode(acme::text(jws, "payload")).value())};
}

}  // namespace sealring::test
