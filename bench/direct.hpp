// Direct PKCS#11, as a program that has the module and the PIN would do it: C_SignInit and C_Sign on the token object.
#pragma once

#include "side.hpp"

namespace bench {

/// Loads the module and logs in. For the life of the process.
void open_token(const std::string& module, const std::string& label, const std::string& pin);

/// A session a thread. The message is hashed in software, as the keeper does it. With `copy`, on a session copy of the key.
[[nodiscard]] side directly(const key&, bool copy);

}  // namespace bench
