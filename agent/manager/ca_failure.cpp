#include "agent/manager/ca_failure.hpp"

#include "sealring/acme/problem.hpp"

namespace sealring::agent {

bool is_of_ca(const failure& f) noexcept { return f.code.category() == acme::category(); }

bool is_busy(const failure& f) noexcept { return f.code == acme::errc::busy; }

bool is_of_names(const failure& f) noexcept { return f.code == acme::errc::authorization_failed; }

}  // namespace sealring::agent
