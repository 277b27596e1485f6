#include "agent/keeper/hsm_latch.hpp"

#include "hsm/error.hpp"

namespace sealring::agent {

bool is_outage(std::error_code why) noexcept {
  if (why.category() == hsm::pkcs11_category())
    return why != condition::bad_input && why != condition::unsupported && why != condition::denied;
  return why == hsm::make_error_code(hsm::trouble::not_logged_in);
}

bool needs_new_process(std::error_code why) noexcept { return why == hsm::errc::cryptoki_not_initialized; }

std::string outage_text(std::error_code why) { return "the token is down: " + why.message(); }

}  // namespace sealring::agent
