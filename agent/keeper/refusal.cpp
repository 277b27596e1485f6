#include "agent/keeper/refusal.hpp"

#include "agent/accounts.hpp"
#include "agent/keeper/rules.hpp"
#include "hsm/error.hpp"

namespace sealring::agent {

request_handler refuse_for(const failure& why, const config& c, uid_t owner, std::optional<uid_t> manager) {
  auto operators = operators_of(c, owner);
  const auto status = why.code == condition::retry_later ? wire::status::unavailable : wire::status::operator_needed;
  auto known = operators ? *std::move(operators) : std::set<uid_t>{0, owner};
  if (manager) known.insert(*manager);
  return [status, text = why.what, known = std::move(known)](const client& from, const wire::request& request, bytes& out) {
    const bool may_know = from.via != channel::peer || known.contains(from.process.uid);
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
