// What it costs to put together a message that is signed: rows of a table, each one function.
#pragma once

#include <cstddef>
#include <span>

namespace bench {

struct message_row {
  const char* name;
  std::size_t (*make)();  ///< makes the message once; its size in octets
};

/// ACME requests as JWS: ours, written by hand, and of other libraries.
std::span<const message_row> jws_rows();

/// A JWT of about the same size, by cpp-jwt: it makes no other JWS, and lives with no header of jansson in one file.
std::span<const message_row> jwt_rows();

/// Certification requests for 1, 10 and 100 names: ours, and bare X509_REQ code.
std::span<const message_row> csr_rows();

}  // namespace bench
