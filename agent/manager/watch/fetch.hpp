// A file that anybody may read, and that proves itself by the signature in it: by http as well as by https.
#pragma once

#include "agent/failure.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace sealring::agent {

/// By which a server tells whether a file has changed (RFC 9110 section 8.8); each may be empty.
struct validators {
  std::string etag{};
  std::string last_modified{};
};

struct fetched {
  bool unchanged = false;  ///< 304: there is no body
  std::string body{};
  validators tags{};
};

struct fetch_limits {
  std::size_t octets;
  std::chrono::milliseconds patience;  ///< from the look-up of the name to the last octet
  std::string ca_file{};               ///< trust anchors for https, PEM; empty: the system's
};

/// Follows at most three redirections. `known` is what came with the copy that the caller has; empty: there is none. The
/// failure names the URL.
[[nodiscard]] result<fetched> fetch(const std::string& url, const fetch_limits&, const validators& known = {});

}  // namespace sealring::agent
