// What is asked of the manager and what it answers, without the HTTP around it.
#pragma once

#include "agent/failure.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace sealring::agent::control {

namespace json = boost::json;

/// Who asks, by the kernel's word (SO_PEERCRED).
struct caller {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;
};

struct request {
  std::string method;
  std::string path;
  std::map<std::string, std::string, std::less<>> places{};  ///< "name" of "/v1/certificates/{name}"; never empty text
  json::object query{};                                      ///< of texts
  json::object body{};
  caller who{};
};

/// Why not. A failure becomes one by itself; `rule` names the rule that denied it.
struct refusal {
  failure why{};
  std::string rule{};
  refusal() = default;
  refusal(failure f, std::string denied_by = {}) : why(std::move(f)), rule(std::move(denied_by)) {}  // NOLINT(*-explicit-*)
};

using answer = basic_result<json::value, refusal>;

/// Tells the client how far it is. Safe from any thread; never blocks, and goes on working when the client has gone.
using progress = std::function<void(std::string_view line)>;

/// HTTP, all but the octets.
struct reply {
  unsigned status = 200;
  json::value body{};
  std::string allow{};  ///< the header of a 405
};

/// A problem document (RFC 7807) with our words: {"title", "detail", "rule"?, "status"}.
[[nodiscard]] json::object problem(const refusal&);
[[nodiscard]] json::object problem(unsigned status, std::string_view title, std::string_view detail);

/// The same as a whole reply, or what was answered.
[[nodiscard]] reply to_reply(const answer&);

/// What a client is told by a problem document; condition::peer_fault if it is none.
[[nodiscard]] failure to_failure(const json::value&);

}  // namespace sealring::agent::control
