// Where a log ends, and whether it may be continued there.
#pragma once

#include "agent/keeper/audit/chain.hpp"

namespace sealring::agent::audit {

struct tail {
  chain state;             ///< after the last whole record; nothing pushed in a log without any
  std::uint64_t good = 0;  ///< bytes up to there
  std::uint64_t size = 0;  ///< of the file: what lies between a power cut did not let finish
};

/// Checks the records from the last checkpoint on, or all where there is none. A last line without its newline, or lines with
/// NUL bytes, as a file system leaves them that lost power, end the good part. Any other damage is a failure: a power cut does
/// not make it. `key`: the audit key that the log must name.
[[nodiscard]] result<tail> find_tail(int descriptor, const bytes& key);

}  // namespace sealring::agent::audit
