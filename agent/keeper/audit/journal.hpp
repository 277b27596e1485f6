// The system journal as an anchor.
#pragma once

#include "agent/keeper/audit/log.hpp"

namespace sealring::agent::audit {

/// Writes each checkpoint's line as the message of a journal entry, with the fields SEALRING_AUDIT_LOG, SEALRING_AUDIT_SEQUENCE
/// and SEALRING_AUDIT_HASH; where systemd-journald does not run, to syslog(3). condition::operator_needed where neither
/// listens.
[[nodiscard]] anchor journal_anchor();

}  // namespace sealring::agent::audit
