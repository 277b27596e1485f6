// libcurl, with somebody looking on.
#pragma once

#include "agent/manager/ca.hpp"
#include "sealring/http/curl.hpp"

namespace sealring::agent {

class traced_http {
public:
  traced_http(http::curl inner, reporter tell) : inner_{std::move(inner)}, tell_{std::move(tell)} {}

  [[nodiscard]] acme::result<http::response> perform(const http::request& asked) {
    const auto start = http::clock::now();
    auto answer = inner_.perform(asked);
    if (!tell_) return answer;
    static constexpr const char* verbs[] = {"GET", "HEAD", "POST"};
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(http::clock::now() - start);
    tell_(std::string{verbs[static_cast<std::size_t>(asked.verb)]} + ' ' + asked.url + ": " +
          (answer ? std::to_string(answer->status) : "failed") + " in " + std::to_string(took.count()) + " ms");
    return answer;
  }

private:
  http::curl inner_;
  reporter tell_;
};

}  // namespace sealring::agent
