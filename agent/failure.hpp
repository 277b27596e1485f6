// How the agent fails: a code for programs, and one line for the person who reads it.
//
// The toolkit and the HSM layer answer with codes. Where the agent calls them it knows what was being done, to which file, key
// or CA; it adds that here, once, so that every message says what was wrong, where, and what to do about it.
#pragma once

#include "sealring/result.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace sealring::agent {

struct failure {
  std::error_code code;  ///< compare with condition to decide what to do
  std::string what;      ///< one line for a person: what was wrong, where, what to do

  std::optional<std::chrono::seconds> retry_after{};  ///< not before, where a CA has said so
  std::string portal{};                               ///< a URL of the CA's that a person must go to
};

template <class T>
using result = basic_result<T, failure>;

/// A failure that the agent itself found: its code says no more than the condition does.
[[nodiscard]] failure fail(condition, std::string what);

/// A failure of a layer below: `doing` is what was tried and on what; the code's own message is put after it.
[[nodiscard]] failure fail(std::error_code, std::string doing);

/// A failed system call: `doing`, and what the system says about `error_number`; a disk or a right that only a person can mend.
[[nodiscard]] failure system_failure(int error_number, std::string doing);

/// What the command line exits with: 4 for what a rule denied, 1 for all else.
[[nodiscard]] int exit_code(const failure&) noexcept;

/// Lets result::value() throw: std::system_error with the code and the line.
[[noreturn]] void throw_failure(const failure&);

}  // namespace sealring::agent
