#include "agent/client/refusal.hpp"

namespace sealring::inline v0::client {

void throw_failure(const refusal& r) { throw std::system_error{r.code, r.text}; }

}  // namespace sealring::inline v0::client
