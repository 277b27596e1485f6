// What a client gets instead of an answer: a code for the program, and a line for the person who reads it.
#pragma once

#include "agent/wire/error.hpp"

#include <string>

namespace sealring::inline v0::client {

/// No answer, and why.
struct refusal {
  std::error_code code;  ///< wire::errc; compare with condition to decide what to do
  std::string text;      ///< the keeper's own words, or what went wrong on the way to it; says what to do
};

template <class T>
using result = basic_result<T, refusal>;

/// Lets result::value() throw: std::system_error with the code and the text.
[[noreturn]] void throw_failure(const refusal&);

}  // namespace sealring::inline v0::client
