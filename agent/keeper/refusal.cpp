#include "agent/keeper/refusal.hpp"

#include "agent/accounts.hpp"
#include "agent/keeper/rules.hpp"
#include "agent/keeper/statistics.hpp"
#include "agent/wall_clock.hpp"
#include "hsm/error.hpp"

namespace sealring::agent {

namespace {

/// Whether that was the question, and is answered.
bool answer_statistics(const statistics& counted, const wire::request& request, bytes& out) {
  if (request.what != wire::operation::statistics) return false;
  const auto asked = wire::decode<wire::statistics_request>(request.body);
  if (!asked) return false;
  const auto body = wire::encode(wire::page(counted.read(), asked->offset));
  return body && wire::append(out, wire::reply{request.what, request.id, wire::status::ok, *body});
}

}  // namespace

request_handler refuse_for(const failure& why, const config& c, uid_t owner, std::optional<uid_t> manager) {
  auto operators = operators_of(c, owner);
  const auto status = why.code == condition::retry_later ? wire::status::unavailable : wire::status::operator_needed;
  auto known = operators ? *std::move(operators) : std::set<uid_t>{0, owner};
  if (manager) known.insert(*manager);
  const auto now = wall_clock::now();
  auto counted = std::make_shared<statistics>(now);
  counted->token_changed(why.what, now);
  return [status, text = why.what, known = std::move(known), counted](const caller& from, const arrival& a, bytes& out) {
    const wire::request& request = a.request;
    const bool may_know = from.via != channel::peer || known.contains(from.process.uid);
    if (may_know && answer_statistics(*counted, request, out)) return;
    wire::append_refusal(out, request.what, request.id, status,
                         may_know ? text : "the keeper has no token; the agent's log tells more");
  };
}

std::chrono::seconds pause_after(const failure& why) noexcept {
  const bool may_come_back =
      why.code == condition::retry_later || why.code == hsm::make_error_code(hsm::trouble::token_not_found);
  return may_come_back ? std::chrono::seconds{5} : std::chrono::seconds{30};
}

}  // namespace sealring::agent
