#include "agent/client/refusal.hpp"

namespace sealring::client {

void throw_failure(const refusal& r) { throw std::system_error{r.code, r.text}; }

}  // namespace sealring::client
