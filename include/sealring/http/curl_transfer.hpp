// One request over libcurl, for curl.hpp and curl_asio.hpp: what is asked of an easy handle, and what becomes of it.
#pragma once

#include "sealring/acme/http.hpp"

#include <curl/curl.h>
#include <openssl/err.h>

#include <algorithm>
#include <memory>

namespace sealring::inline v0::http::detail {

// A handshake that is cut short leaves an error to the thread's other users of libcrypto.
struct free_easy {
  void operator()(CURL* p) const noexcept {
    curl_easy_cleanup(p);
    ERR_clear_error();
  }
};
using curl_easy = std::unique_ptr<CURL, free_easy>;

template <class T>
void set(const curl_easy& easy, CURLoption option, T value) noexcept {
  curl_easy_setopt(easy.get(), option, value);
}

/// A handle that follows nothing. `ca_file` is a PEM file of trust anchors that replaces the system's;
/// empty for the system's.
inline curl_easy make_curl_easy(const std::string& ca_file) {
  curl_easy easy{curl_easy_init()};
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_QUICK_EXIT, 1L);  // else whoever gives up waits for the thread that looks the name up
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_CA_CACHE_TIMEOUT, -1L);
  set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  if (!ca_file.empty()) {
    set(easy, CURLOPT_CAINFO, ca_file.c_str());
    set(easy, CURLOPT_CAPATH, nullptr);
  }
  return easy;
}

/// Sets the handle up for one request, and lets go of it at the end.
class curl_transfer {
public:
  curl_transfer(const curl_easy& easy, request r) : easy_{easy}, asked_{std::move(r)} {
    sent_ = add({}, "User-Agent: " + asked_.user_agent);
    if (!asked_.accept.empty()) sent_ = add(std::move(sent_), "Accept: " + asked_.accept);
    if (asked_.verb == method::post) sent_ = add(std::move(sent_), "Content-Type: " + asked_.content_type);
    set(easy, CURLOPT_URL, asked_.url.c_str());
    set(easy, CURLOPT_PROTOCOLS_STR, asked_.plain ? "http,https" : "https");
    set(easy, CURLOPT_ERRORBUFFER, why_);
    set(easy, CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(left(asked_).count())));
    set(easy, CURLOPT_HTTPHEADER, sent_.get());
    set(easy, CURLOPT_WRITEFUNCTION, &write_body);
    set(easy, CURLOPT_WRITEDATA, this);
    set(easy, CURLOPT_HEADERFUNCTION, &write_header);
    set(easy, CURLOPT_HEADERDATA, this);
    switch (asked_.verb) {
      case method::get: set(easy, CURLOPT_HTTPGET, 1L); break;
      case method::head: set(easy, CURLOPT_NOBODY, 1L); break;
      case method::post:
        set(easy, CURLOPT_POST, 1L);
        set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(asked_.body.size()));
        set(easy, CURLOPT_POSTFIELDS, asked_.body.c_str());
        break;
    }
  }
  curl_transfer(const curl_transfer&) = delete;
  curl_transfer& operator=(const curl_transfer&) = delete;
  ~curl_transfer() {
    set(easy_, CURLOPT_ERRORBUFFER, nullptr);
    set(easy_, CURLOPT_HTTPHEADER, nullptr);
  }

  /// A request whose deadline has passed is not to be begun.
  static std::optional<acme::failure> too_late(const request& r) {
    if (left(r).count() > 0) return std::nullopt;
    return acme::failure{make_error_code(acme::errc::deadline_exceeded), r.url + ": no time left for the request"};
  }

  /// What has come of it, once.
  acme::result<response> finish(CURLcode code) {
    if (too_large_)
      return acme::failure{make_error_code(acme::errc::body_too_large),
                           asked_.url + ": the answer is larger than " + std::to_string(asked_.max_body) + " octets"};
    if (code != CURLE_OK)
      return acme::failure{
          make_error_code(code == CURLE_OPERATION_TIMEDOUT ? acme::errc::deadline_exceeded : acme::errc::transport),
          asked_.url + ": " + (why_[0] != '\0' ? why_ : curl_easy_strerror(code))};
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    answer_.status = static_cast<int>(status);
    return std::move(answer_);
  }

private:
  static constexpr std::size_t max_header_octets = 64 << 10;

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

  static std::chrono::milliseconds left(const request& r) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(r.deadline - clock::now());
  }

  // Called from C: what they throw ends there. Returning another size than given ends the transfer.
  static std::size_t write_body(const char* data, std::size_t one, std::size_t count, void* user) noexcept try {
    auto& t = *static_cast<curl_transfer*>(user);
    const std::size_t size = one * count;
    t.too_large_ = size > t.asked_.max_body - std::min(t.asked_.max_body, t.answer_.body.size());
    if (t.too_large_) return 0;
    t.answer_.body.append(data, size);
    return size;
  } catch (...) {
    return 0;
  }

  static std::size_t write_header(const char* data, std::size_t one, std::size_t count, void* user) noexcept try {
    auto& t = *static_cast<curl_transfer*>(user);
    const std::string_view line{data, one * count};
    t.header_octets_ += line.size();
    if (t.header_octets_ > max_header_octets) return 0;
    if (line.starts_with("HTTP/")) t.answer_.headers.clear();  // what came before was an interim response (100, 103)
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return line.size();
    t.answer_.headers.push_back({std::string{line.substr(0, colon)}, std::string{trimmed(line.substr(colon + 1))}});
    return line.size();
  } catch (...) {
    return 0;
  }

  static std::string_view trimmed(std::string_view value) noexcept {
    const std::size_t first = value.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return value.substr(first, value.find_last_not_of(" \t\r\n") - first + 1);
  }

  const curl_easy& easy_;
  const request asked_;
  headers sent_;
  response answer_{};
  char why_[CURL_ERROR_SIZE] = {};
  bool too_large_ = false;
  std::size_t header_octets_ = 0;
};

}  // namespace sealring::inline v0::http::detail
