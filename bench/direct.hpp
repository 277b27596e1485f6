// Direct PKCS#11, as a program that has the module and the PIN would do it: C_SignInit and C_Sign on the token object.
#pragma once

#include "side.hpp"

namespace bench {

/// Loads the module and logs in. For the life of the process.
void open_token(const std::string& module, const std::string& label, const std::string& pin);

/// `copy`: a session copy of the key. `copy_after_echo`: that, and before each signature a round trip to another process, which
/// only echoes: what no keeper can be faster than.
enum class manner { token_object, copy, copy_after_echo };

/// A session a thread. The message is hashed in software, as the keeper does it.
[[nodiscard]] side directly(const key&, manner);

}  // namespace bench
