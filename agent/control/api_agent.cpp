// The agent itself: what it is, and its configuration.

#include "agent/control/api.hpp"
#include "agent/control/openapi.hpp"
#include "sealring/config.hpp"

#include <boost/json/parse.hpp>

#include <chrono>

#include <unistd.h>

namespace sealring::agent::control {

namespace {

using clock = std::chrono::steady_clock;

answer show(clock::time_point started) {
  const auto uptime = std::chrono::floor<std::chrono::seconds>(clock::now() - started);
  return json::value{{"version", version}, {"pid", ::getpid()}, {"uptime", uptime.count()}};
}

answer reload(const manager_side& manager) {
  const auto read = load(manager.config);
  // What is written wrongly stays unread. What is out of our reach may not be out of the next manager's.
  if (!read && read.error().code == condition::bad_input) return refusal(read.error());
  manager.reload();
  if (!read) return refusal(fail(condition::retry_later, read.error().what + "; a new manager takes over, ask again"));
  return json::value{{"certificates", read->certificates.size()}, {"keys", read->keys.size()}};
}

}  // namespace

void add_agent_routes(router& to, const manager_side& manager) {
  to.add({"GET", "/v1", {}, [started = clock::now()](const request&) { return show(started); }});
  to.add({"GET", "/v1/openapi.json", {}, [text = json::parse(openapi())](const request&) { return answer(text); }});
  to.add({"POST", "/v1/reload", {}, [manager](const request&) { return reload(manager); }});
}

}  // namespace sealring::agent::control
