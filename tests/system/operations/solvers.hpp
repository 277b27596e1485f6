// Solvers that a test bed can do with.
#pragma once

#include "sealring/acme/dns_persist.hpp"
#include "system/operations/bed.hpp"

#include <filesystem>
#include <fstream>

namespace sealring::test {

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

/// Says something to a management, of the bed's DNS or of the scripted CA.
inline void tell(const std::string& url, const acme::json::object& what) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy{curl_easy_init(), curl_easy_cleanup};
  const std::string body = acme::json::serialize(what);
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(easy.get(), CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, body.c_str());
  using sink = std::size_t (*)(char*, std::size_t, std::size_t, void*);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, sink{[](char*, std::size_t, std::size_t size, void*) { return size; }});
  demand(curl_easy_perform(easy.get()) == CURLE_OK, url + " does not take " + body);
}

/// A TXT record in the bed's DNS.
inline void set_txt(const std::string& name, const std::vector<std::string>& texts) {
  std::string text;
  for (const std::string& one : texts) text += one;
  tell(environment("DNS_MGMT") + "/set-txt", {{"host", name + '.'}, {"value", text}});
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
