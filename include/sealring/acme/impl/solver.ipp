#pragma once

#include "sealring/acme/solver.hpp"

namespace sealring::inline v0::acme {

namespace detail {

SEALRING_INLINE result<void> answer_of(result<void> answer, const std::string&) { return answer; }

SEALRING_INLINE result<void> answer_of(const sealring::result<void>& answer, const std::string& doing) {
  if (!answer) return because(answer.error(), doing);
  return {};
}

}  // namespace detail

}  // namespace sealring::inline v0::acme
