// From files in live/NAME to servers that use them, or back.
#pragma once

#include "agent/manager/deploy/proof.hpp"

#include <functional>

namespace sealring::agent {

/// Asks for the reload of the certificate's servers: commands::deploy.
using reloader = std::function<result<void>()>;

/// Reloads, then proves that the servers present `leaf`, which live/NAME holds. If either fails, live/NAME is rolled back to
/// the generation before and reloaded once more, unless `back` is false; the failure says all of that. Nothing is rolled back
/// where the reload was not even tried (condition::retry_later): the same may be asked again.
[[nodiscard]] result<void> deploy(const config&, const certificate_entry&, const x509::certificate& leaf, const reloader&,
                                  bool back = true, const proof_times& = {});

}  // namespace sealring::agent
