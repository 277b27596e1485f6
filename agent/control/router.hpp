// Which operation a request asks for, and whether it may be asked so.
#pragma once

#include "agent/control/message.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace sealring::agent::control {

/// Answers within a second.
using quick = std::function<answer(const request&)>;
/// Runs as long as it takes, in a thread of its own, and to its end even if the client goes away.
using lengthy = std::function<answer(const request&, const progress&)>;

struct route {
  std::string method;              ///< "GET" looks, any other changes something and is for operators alone
  std::string path;                ///< "/v1/certificates/{name}/revoke"
  std::vector<std::string> takes;  ///< members of the body, with GET of the query; any other is refused
  std::variant<quick, lengthy> handler;
  bool operators_only = false;  ///< also with GET

  [[nodiscard]] bool changes() const noexcept { return method != "GET"; }
  [[nodiscard]] bool for_operators() const noexcept { return changes() || operators_only; }
};

class router {
public:
  void add(route);

  /// The route, and the request's `places` filled in; or 404 with all the routes there are, or 405.
  [[nodiscard]] basic_result<const route*, reply> find(request&) const;

private:
  std::vector<route> routes_;
};

/// The body as an object; no octets are an empty one. condition::bad_input for all else.
[[nodiscard]] result<json::object> parse_body(std::string_view);

/// condition::bad_input for a member, or a word of the query, that the route does not take.
[[nodiscard]] result<void> check_taken(const route&, const request&);

}  // namespace sealring::agent::control
