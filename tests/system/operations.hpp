// What the operations have in common: a client, a way to be sure, and solvers that a test bed can do with.
#pragma once

#include "sealring/acme/client.hpp"
#include "sealring/acme/dns_persist.hpp"
#include "sealring/http/curl.hpp"
#include "sealring/software_key.hpp"

#include <filesystem>
#include <fstream>
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

/// One line an operation that has been seen to work: operations.sh counts them.
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

// --- solvers

/// http-01 by files, which a web server in the bed shows.
struct web_root_solver {
  std::filesystem::path folder = environment("WEB_ROOT");

  const acme::challenge* choose(const acme::authorization& a) const { return a.find(acme::http01); }
  result<void> present(const identifier&, const acme::challenge& c, const std::string& key_authorization) const {
    const auto place = folder / std::filesystem::path{acme::http01_prefix}.relative_path();
    std::filesystem::create_directories(place);
    std::ofstream{place / c.token} << key_authorization;
    return {};
  }
  result<void> look(const identifier&, const acme::challenge&, const std::string&) const { return {}; }
  void clean_up(const identifier&, const acme::challenge&) const noexcept {}
};
static_assert(acme::challenge_solver<web_root_solver>);

/// A TXT record in the bed's DNS, by its management. Empty texts take it back.
inline void set_txt(const std::string& name, const std::vector<std::string>& texts) {
  const std::string url = environment("DNS_MGMT") + (texts.empty() ? "/clear-txt" : "/set-txt");
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy{curl_easy_init(), curl_easy_cleanup};
  std::string text;
  for (const std::string& one : texts) text += one;
  const std::string body = acme::json::serialize(acme::json::object{{"host", name + '.'}, {"value", text}});
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, body.c_str());
  demand(curl_easy_perform(easy.get()) == CURLE_OK, "the DNS does not take " + body);
}

/// Any of the challenges that a TXT record meets.
struct txt_solver {
  std::string_view type;
  std::string account_url;
  std::string thumbprint{};
  acme::directory directory{};
  std::string shown{};  ///< the name of the last record
  bool wildcard = false;

  const acme::challenge* choose(const acme::authorization& a) {
    wildcard = a.wildcard;
    return a.find(type);
  }

  result<void> present(const identifier& id, const acme::challenge& c, const std::string& key_authorization) {
    if (type == acme::dns_persist01) return present_for_good(id, c);
    shown = type == acme::dns01 ? acme::dns01_name(id.value) : acme::dns_account01_name(account_url, id.value).value();
    set_txt(shown, {acme::dns01_value(key_authorization).value()});
    return {};
  }
  result<void> look(const identifier&, const acme::challenge&, const std::string&) const { return {}; }
  void clean_up(const identifier&, const acme::challenge&) const noexcept {}

private:
  result<void> present_for_good(const identifier& id, const acme::challenge& c) {
    acme::check_dns_persist_challenge(c, directory).value();
    const auto uris = acme::dns_persist_account_uris(
        {acme::draft_of(directory), account_url, thumbprint, directory.account_hash_prefix}, id.value);
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const std::string text = to_text(acme::dns_persist_record{c.issuer_domain_names.front(), uris.value().front(), wildcard,
                                                              now + std::chrono::hours{1}})
                                 .value();
    acme::check_dns_persist(std::vector{text}, {c.issuer_domain_names, uris.value(), wildcard, now}).value();
    shown = acme::dns_persist_name(id.value);
    set_txt(shown, acme::character_strings(text));
    return {};
  }
};
static_assert(acme::challenge_solver<txt_solver>);

}  // namespace sealring::test
