// http::client over libcurl: one connection kept open, the trust store loaded once.
#pragma once

#include "sealring/acme/http.hpp"

#include <curl/curl.h>

#include <memory>

namespace sealring::inline v0::http {

/// Move-only; not safe from several threads at once.
class curl {
public:
  /// `ca_file` is a PEM file of trust anchors that replaces the system's; empty for the system's.
  explicit curl(const std::string& ca_file = {}) : easy_{curl_easy_init()} {
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_CA_CACHE_TIMEOUT, -1L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    if (!ca_file.empty()) {
      set(CURLOPT_CAINFO, ca_file.c_str());
      set(CURLOPT_CAPATH, nullptr);
    }
  }

  [[nodiscard]] acme::result<response> perform(const request& r) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(r.deadline - clock::now()).count();
    if (left <= 0)
      return acme::failure{make_error_code(acme::errc::deadline_exceeded), r.url + ": no time left for the request"};
    transfer t{r};
    headers sent = add({}, "User-Agent: " + r.user_agent);
    if (!r.accept.empty()) sent = add(std::move(sent), "Accept: " + r.accept);
    if (r.verb == method::post) sent = add(std::move(sent), "Content-Type: " + r.content_type);
    char why[CURL_ERROR_SIZE] = {};
    set(CURLOPT_URL, r.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, r.plain ? "http,https" : "https");
    set(CURLOPT_ERRORBUFFER, why);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(left));
    set(CURLOPT_HTTPHEADER, sent.get());
    set(CURLOPT_WRITEFUNCTION, &write_body);
    set(CURLOPT_WRITEDATA, &t);
    set(CURLOPT_HEADERFUNCTION, &write_header);
    set(CURLOPT_HEADERDATA, &t);
    switch (r.verb) {
      case method::get: set(CURLOPT_HTTPGET, 1L); break;
      case method::head: set(CURLOPT_NOBODY, 1L); break;
      case method::post:
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(r.body.size()));
        set(CURLOPT_POSTFIELDS, r.body.c_str());
        break;
    }
    const CURLcode code = curl_easy_perform(easy_.get());
    set(CURLOPT_ERRORBUFFER, nullptr);
    set(CURLOPT_HTTPHEADER, nullptr);
    if (t.too_large)
      return acme::failure{make_error_code(acme::errc::body_too_large),
                           r.url + ": the answer is larger than " + std::to_string(r.max_body) + " octets"};
    if (code != CURLE_OK)
      return acme::failure{
          make_error_code(code == CURLE_OPERATION_TIMEDOUT ? acme::errc::deadline_exceeded : acme::errc::transport),
          r.url + ": " + (why[0] != '\0' ? why : curl_easy_strerror(code))};
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    t.answer.status = static_cast<int>(status);
    return std::move(t.answer);
  }

private:
  struct transfer {
    const request& asked;
    response answer{};
    bool too_large = false;
    std::size_t header_octets = 0;
  };
  static constexpr std::size_t max_header_octets = 64 << 10;

  struct free_easy {
    void operator()(CURL* p) const noexcept { curl_easy_cleanup(p); }
  };
  struct free_list {
    void operator()(curl_slist* p) const noexcept { curl_slist_free_all(p); }
  };
  using headers = std::unique_ptr<curl_slist, free_list>;

  static headers add(headers list, const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return list;
    static_cast<void>(list.release());
    return headers{longer};
  }

  template <class T>
  void set(CURLoption option, T value) noexcept {
    curl_easy_setopt(easy_.get(), option, value);
  }

  // Called from C: what they throw ends there. Returning another size than given ends the transfer.
  static std::size_t write_body(const char* data, std::size_t one, std::size_t count, void* user) noexcept try {
    auto& t = *static_cast<transfer*>(user);
    const std::size_t size = one * count;
    t.too_large = size > t.asked.max_body - std::min(t.asked.max_body, t.answer.body.size());
    if (t.too_large) return 0;
    t.answer.body.append(data, size);
    return size;
  } catch (...) {
    return 0;
  }

  static std::size_t write_header(const char* data, std::size_t one, std::size_t count, void* user) noexcept try {
    auto& t = *static_cast<transfer*>(user);
    const std::string_view line{data, one * count};
    if ((t.header_octets += line.size()) > max_header_octets) return 0;
    if (line.starts_with("HTTP/")) t.answer.headers.clear();  // what came before was an interim response (100, 103)
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return line.size();
    t.answer.headers.push_back({std::string{line.substr(0, colon)}, std::string{trimmed(line.substr(colon + 1))}});
    return line.size();
  } catch (...) {
    return 0;
  }

  static std::string_view trimmed(std::string_view value) noexcept {
    const std::size_t first = value.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return value.substr(first, value.find_last_not_of(" \t\r\n") - first + 1);
  }

  std::unique_ptr<CURL, free_easy> easy_;
};

}  // namespace sealring::inline v0::http
