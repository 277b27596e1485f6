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
  if (auto read = manager.reload(); !read) return refusal(read.error());
  const auto now = manager.settings();
  return json::value{{"certificates", now->certificates.size()}, {"keys", now->keys.size()}};
}

}  // namespace

void add_agent_routes(router& to, const manager_side& manager) {
  to.add({"GET", "/v1", {}, [started = clock::now()](const request&) { return show(started); }});
  to.add({"GET", "/v1/openapi.json", {}, [text = json::parse(openapi())](const request&) { return answer(text); }});
  to.add({"POST", "/v1/reload", {}, [manager](const request&, const progress&) { return reload(manager); }});
}

}  // namespace sealring::agent::control
