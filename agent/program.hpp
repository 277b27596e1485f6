// How each of our programs begins and ends.
#pragma once

namespace sealring::agent {

/// Before anything else: no debugger of our own user may attach, no core file is written, and no openssl.cnf is read. `name` is
/// what ps(1) shows: one that was started from a descriptor would be known by its number.
void begin_program(const char* name);

/// Finalizes the PKCS#11 modules, and ends the process.
[[noreturn]] void leave_program(int status);

}  // namespace sealring::agent
