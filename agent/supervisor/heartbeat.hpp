// How a role shows its supervisor that it is well: bytes in a pipe.
//
// '.' at least every 500 ms from the first on: alive, not ready yet (a module may take its time to load). 'R': ready; from then
// on '.' again. 'T' and a text up to the next line feed: in trouble, and answers its callers with that, until an 'R' says that
// all is well again, or it ends to be started anew. 'E' and a text up to the end of the pipe: could not start. A role that has
// written nothing yet has a minute.
#pragma once

#include <chrono>
#include <string_view>

namespace sealring::agent {

inline constexpr std::chrono::milliseconds heartbeat_interval{500};

/// Each writes to `alive`, never blocks and never fails: a supervisor that does not read is none of the role's business.
void show_ready(int alive) noexcept;
void show_alive(int alive) noexcept;
void show_trouble(int alive, std::string_view text) noexcept;
void show_failure(int alive, std::string_view text) noexcept;

/// What a role exits with when only a person can help: a refused PIN, a broken configuration (EX_CONFIG of sysexits.h).
inline constexpr int exit_operator_needed = 78;

}  // namespace sealring::agent
