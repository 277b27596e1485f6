// What the operations have in common: a client, a way to be sure, and a way from an order to its certificate.
#pragma once

#include "sealring/acme/client.hpp"
#include "sealring/http/curl.hpp"
#include "sealring/software_key.hpp"

#include <iostream>
#include <stdexcept>

namespace sealring::test {

using client = acme::client<software_key<es256>, http::curl>;

/// A throw-away key.
inline software_key<es256> fresh_key() {
  const detail::evp_pkey key{EVP_EC_gen("P-256")};
  return software_key<es256>::from(key.get()).value();
}

/// The bed, as its environment has it.
inline std::string environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error{std::string{"no "} + name + " in the environment"};
  return value;
}

inline client connect(const software_key<es256>& key) {
  acme::client_options options{};
  options.user_agent = "sealring-operations";
  return client::connect(http::curl{environment("CA_FILE")}, key, environment("DIRECTORY"), options).value();
}

inline void demand(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error{what};
}

/// The problem that a call was refused with.
template <class T>
void demand_refused(const acme::result<T>& r, std::string_view name) {
  demand(!r, "not refused with " + std::string{name});
  demand(r.error().problem && r.error().problem->is(name), r.error().what + ": not " + std::string{name});
}

/// One line an operation that has been seen to work, as it stands in the list of the CA's kind (operations/*.txt).
inline void done(const std::string& operation) { std::cout << operation << '\n' << std::flush; }

inline acme::account registered(client& ca) {
  return ca.register_account({.contact = {"mailto:ops@example.test"}, .terms_of_service_agreed = true}).value();
}

inline std::vector<identifier> names_of(std::initializer_list<std::string_view> texts) {
  std::vector<identifier> names;
  for (const std::string_view text : texts) names.push_back(parse_identifier(text).value());
  return names;
}

/// From an order to its certificate.
template <class Solver>
acme::issued_certificate issue(client& ca, const acme::order_request& wish, const software_key<es256>& key, Solver& solver) {
  const auto o = ca.new_order(wish).value();
  ca.authorize(o, solver).value();
  const auto finished = ca.finalize(o, x509::make_csr(key, wish.names).value()).value();
  return ca.download(finished, key.public_key()).value();
}

/// A signed request that the client has no function for: the messages and `post`, as docs/integrators.md has it.
class by_hand {
public:
  by_hand(const client& ca, std::string account_url) : key_{ca.account_key()}, account_url_{std::move(account_url)} {
    session_.directory = ca.directory();
    session_.user_agent = "sealring-operations";
  }

  acme::result<http::response> post(const std::string& url, std::string payload) {
    const auto deadline = http::clock::now() + std::chrono::seconds{30};
    acme::post exchange{session_, jose::with_kid<software_key<es256>>{key_, account_url_}, url, std::move(payload), deadline};
    while (!exchange.done()) {
      auto request = exchange.request();
      if (!request) return request.error();
      auto response = http_.perform(*request);
      if (!response) return response.error();
      if (auto eaten = exchange.receive(*std::move(response)); !eaten) return eaten.error();
    }
    return exchange.response();
  }

  /// The resource that answers, as one of the to_... functions reads it.
  template <class Read>
  auto ask(const std::string& url, std::string payload, Read read) {
    const auto r = post(url, std::move(payload)).value();
    const std::string location{r.header_value("Location")};
    return read(acme::parse_object(r.body).value(), location.empty() ? url : location);
  }

private:
  software_key<es256> key_;
  std::string account_url_;
  http::curl http_{environment("CA_FILE")};
  acme::session session_{};
};

}  // namespace sealring::test
