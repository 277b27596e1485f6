// What the parts of the service share about one request. Included by service*.cpp alone.
#pragma once

#include "agent/keeper/service.hpp"
#include "agent/text.hpp"
#include "agent/wall_clock.hpp"

namespace sealring::agent {

struct service::answer {
  wire::status status = wire::status::ok;
  bytes body;        // where ok
  std::string text;  // where not
};

struct service::call {
  const caller& from;
  const wire::request& request;
  std::chrono::steady_clock::time_point read_at;
  std::shared_ptr<const rules> known;
  bool is_operator;
  bool may_manage;
  audit::request record;

  /// Denied by a rule, whose name the caller is told: to a stranger it is the same whatever he asked for.
  answer deny(std::string_view rule, const std::string& why) {
    record.verdict = audit::decision::denied;
    record.rule = rule;
    record.detail = why;
    return {wire::status::denied, {}, std::string{rule} + ": " + why};
  }
  /// Allowed, and not done.
  answer fail(wire::status status, std::string why) {
    record.detail = why;
    return {status, {}, std::move(why)};
  }
  answer fail(const failure& f);
  void allow(std::string_view rule) {
    record.verdict = audit::decision::allowed;
    record.rule = rule;
  }
};

/// The body of the request as its operation has it.
template <wire::operation O>
auto body_of(const wire::request& r) {
  return wire::decode<typename wire::exchange<O>::request>(r.body);
}

}  // namespace sealring::agent
