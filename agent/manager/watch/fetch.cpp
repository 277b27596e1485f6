#include "agent/manager/watch/fetch.hpp"

#include "sealring/acme/http.hpp"

#include <curl/curl.h>

#include <memory>

namespace sealring::agent {
namespace {

constexpr std::size_t max_header_octets = 64 << 10;
constexpr long max_redirections = 3;

struct free_easy {
  void operator()(CURL* p) const noexcept { curl_easy_cleanup(p); }
};
struct free_list {
  void operator()(curl_slist* p) const noexcept { curl_slist_free_all(p); }
};
using headers = std::unique_ptr<curl_slist, free_list>;

void add(headers& list, const std::string& line) {
  if (curl_slist* longer = curl_slist_append(list.get(), line.c_str())) {
    static_cast<void>(list.release());
    list.reset(longer);
  }
}

struct transfer {
  std::size_t octets;
  http::response answer{};
  bool too_large = false;
  std::size_t header_octets = 0;
};

// Called from C: what they throw ends there. Returning another size than given ends the transfer.
std::size_t write_body(const char* data, std::size_t one, std::size_t count, void* user) noexcept try {
  auto& t = *static_cast<transfer*>(user);
  const std::size_t size = one * count;
  t.too_large = size > t.octets - t.answer.body.size();
  if (t.too_large) return 0;
  t.answer.body.append(data, size);
  return size;
} catch (...) {
  return 0;
}

std::size_t write_header(const char* data, std::size_t one, std::size_t count, void* user) noexcept try {
  auto& t = *static_cast<transfer*>(user);
  const std::string_view line{data, one * count};
  t.header_octets += line.size();
  if (t.header_octets > max_header_octets) return 0;
  if (line.starts_with("HTTP/")) t.answer.headers.clear();  // what came before was a redirection, or an interim response
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return one * count;
  const std::size_t first = std::min(line.find_first_not_of(" \t", colon + 1), line.size());
  const std::size_t last = line.find_last_not_of(" \t\r\n");
  const auto value = first > last ? std::string_view{} : line.substr(first, last - first + 1);
  t.answer.headers.push_back({std::string{line.substr(0, colon)}, std::string{value}});
  return one * count;
} catch (...) {
  return 0;
}

}  // namespace

result<fetched> fetch(const std::string& url, const fetch_limits& limits, const validators& known) {
  const std::unique_ptr<CURL, free_easy> easy{curl_easy_init()};
  if (!easy) return fail(condition::retry_later, url + ": libcurl does not start");
  const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(easy.get(), option, value); };
  transfer t{limits.octets};
  headers sent;
  if (!known.etag.empty()) add(sent, "If-None-Match: " + known.etag);
  if (!known.last_modified.empty()) add(sent, "If-Modified-Since: " + known.last_modified);
  char why[CURL_ERROR_SIZE] = {};
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, max_redirections);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits.patience.count()));
  set(CURLOPT_USERAGENT, (std::string{"sealring/"} + version).c_str());
  set(CURLOPT_HTTPHEADER, sent.get());
  set(CURLOPT_WRITEFUNCTION, &write_body);
  set(CURLOPT_WRITEDATA, &t);
  set(CURLOPT_HEADERFUNCTION, &write_header);
  set(CURLOPT_HEADERDATA, &t);
  set(CURLOPT_ERRORBUFFER, why);
  set(CURLOPT_URL, url.c_str());
  if (!limits.ca_file.empty()) {
    set(CURLOPT_CAINFO, limits.ca_file.c_str());
    set(CURLOPT_CAPATH, nullptr);
  }
  const CURLcode code = curl_easy_perform(easy.get());
  if (t.too_large)
    return fail(condition::peer_fault, url + ": the file is larger than " + std::to_string(limits.octets) + " octets");
  if (code != CURLE_OK) return fail(condition::retry_later, url + ": " + (why[0] != '\0' ? why : curl_easy_strerror(code)));
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  const bool has_copy = !known.etag.empty() || !known.last_modified.empty();
  if (status == 304 && has_copy) return fetched{.unchanged = true};
  if (status != 200)
    return fail(condition::retry_later, url + ": the server answers with HTTP status " + std::to_string(status));
  validators tags{std::string{t.answer.header_value("ETag")}, std::string{t.answer.header_value("Last-Modified")}};
  return fetched{false, std::move(t.answer.body), std::move(tags)};
}

}  // namespace sealring::agent
