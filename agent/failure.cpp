#include "agent/failure.hpp"

namespace sealring::agent {
namespace {

// One code a condition, so that a failure of the agent's own compares like those of the layers below.
const std::error_category& agent_category() noexcept {
  static const struct final : std::error_category {
    const char* name() const noexcept override { return "sealring.agent"; }
    std::string message(int value) const override { return condition_category().message(value); }
    std::error_condition default_error_condition(int value) const noexcept override { return {value, condition_category()}; }
  } category;
  return category;
}

}  // namespace

failure fail(condition c, std::string what) { return {{static_cast<int>(c), agent_category()}, std::move(what)}; }

failure fail(std::error_code code, std::string doing) { return {code, std::move(doing) + ": " + code.message()}; }

failure system_failure(int error_number, std::string doing) {
  return fail(condition::operator_needed, std::move(doing) + ": " + std::generic_category().message(error_number));
}

int exit_code(const failure& f) noexcept { return f.code == condition::denied ? 4 : 1; }

void throw_failure(const failure& f) { throw std::system_error{f.code, f.what}; }

}  // namespace sealring::agent
