// What the audit key signs, and how that is checked.
#pragma once

#include "agent/keeper/audit/record.hpp"
#include "sealring/verified.hpp"

namespace sealring::agent::audit {

/// The message of a checkpoint's signature. Its first line keeps it apart from all else that a key might sign.
[[nodiscard]] std::string message_of(const checkpoint&);

/// The audit key, made ready. condition::bad_input where it is not a P-256 SubjectPublicKeyInfo.
[[nodiscard]] result<verifier<es256>> verifier_of(bytes_view spki);

[[nodiscard]] bool is_signed(const checkpoint&, const verifier<es256>&);

}  // namespace sealring::agent::audit
