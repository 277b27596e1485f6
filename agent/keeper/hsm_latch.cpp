#include "agent/keeper/hsm_latch.hpp"

#include "hsm/error.hpp"

namespace sealring::agent {

bool is_outage(std::error_code why) noexcept {
  if (why.category() == hsm::pkcs11_category()) return why != condition::bad_input && why != condition::unsupported;
  return why == hsm::make_error_code(hsm::trouble::not_logged_in) || why == hsm::make_error_code(hsm::trouble::key_not_found);
}

}  // namespace sealring::agent
