#include "agent/manager/solver/http_look.hpp"

#include "agent/text.hpp"
#include "sealring/acme/challenge.hpp"

#include <curl/curl.h>

namespace sealring::agent {
namespace {

using kind = finding::kind;

constexpr auto time_in_all = std::chrono::seconds(10);
constexpr std::size_t longest_body = 4096;
constexpr int most_redirects = 5;
constexpr std::size_t most_addresses = 8;

struct fetched {
  CURLcode code = CURLE_OK;
  long status = 0;
  std::string body{};
  bool too_long = false;
  std::string redirect{};
};

using easy_handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using list_handle = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;
using url_handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::size_t on_body(const char* data, std::size_t one, std::size_t count, void* user) noexcept try {
  auto& f = *static_cast<fetched*>(user);
  f.too_long = one * count > longest_body - f.body.size();
  if (f.too_long) return 0;
  f.body.append(data, one * count);
  return one * count;
} catch (...) {
  return 0;
}

// Redirects are followed by us, hop by hop: each must be one that a CA would follow, and is resolved as the first name was.
fetched fetch(const std::string& url, const std::string& host_port, const std::vector<endpoint>& addresses, deadline until) {
  fetched f;
  const easy_handle easy(curl_easy_init(), &curl_easy_cleanup);
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
  if (!easy || left <= 0) {
    f.code = CURLE_OPERATION_TIMEDOUT;
    return f;
  }
  std::string at = host_port + ":";
  for (const auto& address : addresses) at += (at.back() == ':' ? "" : ",") + address.address();
  const list_handle resolved(addresses.empty() ? nullptr : curl_slist_append(nullptr, at.c_str()), &curl_slist_free_all);
  const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(easy.get(), option, value); };
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_RESOLVE, resolved.get());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(left));
  set(CURLOPT_SSL_VERIFYPEER, 0L);  // a CA does not: the name has no certificate yet
  set(CURLOPT_SSL_VERIFYHOST, 0L);
  set(CURLOPT_USERAGENT, "sealring");
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_WRITEDATA, &f);
  f.code = curl_easy_perform(easy.get());
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &f.status);
  const char* next = nullptr;
  curl_easy_getinfo(easy.get(), CURLINFO_REDIRECT_URL, &next);
  if (next && f.status >= 300 && f.status < 400) f.redirect = next;
  return f;
}

struct parsed_url {
  std::string scheme, host;
  unsigned port = 0;
};

std::optional<parsed_url> parse(const std::string& url) {
  const url_handle handle(curl_url(), &curl_url_cleanup);
  if (!handle || curl_url_set(handle.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return std::nullopt;
  const auto part = [&](CURLUPart which, unsigned flags) {
    char* text = nullptr;
    if (curl_url_get(handle.get(), which, &text, flags) != CURLUE_OK) return std::string();
    std::string out(text);
    curl_free(text);
    return out;
  };
  parsed_url u{part(CURLUPART_SCHEME, 0), part(CURLUPART_HOST, 0), 0};
  for (const char c : part(CURLUPART_PORT, CURLU_DEFAULT_PORT)) u.port = u.port * 10 + static_cast<unsigned>(c - '0');
  return u;
}

std::string where(const endpoint& address) { return "at " + address.text() + ": "; }

// What came is never quoted: it may be anything, of any machine that a redirect leads to.
finding compare(const fetched& f, const challenge_task& task, const std::string& at) {
  if (f.status != 200) return {kind::wrong, at + "the answer is HTTP status " + std::to_string(f.status) + ", not 200"};
  std::string_view body = f.body;
  while (!body.empty() && static_cast<unsigned char>(body.back()) <= ' ') body.remove_suffix(1);  // section 8.3
  if (!f.too_long && body == task.key_authorization) return {};
  return {kind::wrong, at + "another content is served there (" + (f.too_long ? "more than " : "") +
                           std::to_string(f.body.size()) +
                           " octets); is it another machine, or another server in front of this one?"};
}

finding look_at(const dns_lookup& lookup, const challenge_task& task, const endpoint& address, const http_ports& ports,
                deadline until) {
  const std::string at = where(address);
  std::string url = url_of_resource(task, ports.http);
  std::vector<endpoint> addresses{address};
  for (int redirects = 0;; ++redirects) {
    const auto target = parse(url);
    if (!target) return {kind::wrong, at + "a redirect leads to something that is no URL"};
    const bool right_port =
        target->port == 80 || target->port == 443 || target->port == ports.http || target->port == ports.https;
    if ((target->scheme != "http" && target->scheme != "https") || !right_port)
      return {kind::wrong, at + "a redirect leads to " + target->scheme + " on port " + std::to_string(target->port) +
                               ", where CAs do not follow; redirect to http (80) or https (443) only"};
    if (redirects > 0) {
      const auto id = parse_identifier(target->host);
      addresses.clear();
      if (id && id->kind == identifier::type::dns) {
        auto found = lookup.addresses(target->host, static_cast<std::uint16_t>(target->port));
        if (!found)
          return {found.error().code == condition::retry_later ? kind::uncertain : kind::wrong, at + found.error().what};
        addresses = *std::move(found);
      }
    }
    const bool is_address = task.id.kind == identifier::type::ip && redirects == 0;
    const auto got =
        fetch(url, target->host + ":" + std::to_string(target->port), is_address ? std::vector<endpoint>{} : addresses, until);
    if (got.code != CURLE_OK && !got.too_long)
      return {kind::uncertain, at + "cannot fetch the resource from here: " + curl_easy_strerror(got.code)};
    if (got.redirect.empty()) return compare(got, task, at);
    if (redirects == most_redirects)
      return {kind::wrong, at + "more than " + std::to_string(most_redirects) + " redirects follow each other"};
    url = got.redirect;
  }
}

}  // namespace

std::string url_of_resource(const challenge_task& task, unsigned port) {
  const bool v6 = task.id.kind == identifier::type::ip && task.id.value.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + task.id.value + "]" : task.id.value) + (port == 80 ? "" : ":" + std::to_string(port)) +
         std::string(acme::http01_prefix) + task.token;
}

finding look_at_resource(const dns_lookup& lookup, const challenge_task& task, const http_ports& ports) {
  const deadline until = within(time_in_all);
  const auto port = static_cast<std::uint16_t>(ports.http);
  std::vector<endpoint> addresses;
  if (task.id.kind == identifier::type::ip) {
    addresses.emplace_back(task.id.value, port);
  } else {
    auto found = lookup.addresses(task.id.value, port);
    if (!found) return {found.error().code == condition::retry_later ? kind::uncertain : kind::wrong, found.error().what};
    addresses = *std::move(found);
  }
  finding worst;
  for (const auto& address : std::span(addresses).first(std::min(addresses.size(), most_addresses))) {
    finding one = look_at(lookup, task, address, ports, until);
    if (one.what == kind::wrong) return one;
    if (!one.seen()) worst = std::move(one);
  }
  return worst;
}

}  // namespace sealring::agent
