// How the wire fails: what is wrong with a frame, what the keeper refused, what became of a connection.
#pragma once

#include "sealring/result.hpp"

namespace sealring::inline v0::wire {

enum class errc {
  // A frame, or the body of one.
  bad_length = 1,     ///< the declared length is less than a header or more than a frame
  bad_version,        ///< a version that this side does not speak
  unknown_operation,  ///< an operation that this side does not know
  wrong_direction,    ///< a reply where a request is read, or the other way round
  bad_name,           ///< a key name that is too long, or has characters that names do not have
  bad_status,         ///< a status that this side does not know
  truncated,          ///< a body that ends before its fields do
  trailing_bytes,     ///< a body that goes on after its fields
  bad_text,           ///< text that is not UTF-8, too long, or holds control characters
  bad_value,          ///< a number that means nothing in its place
  too_large,          ///< more than a frame can carry

  // A refusal by the keeper: one a status.
  denied,             ///< a rule says no
  unavailable,        ///< not now: the HSM is down, or there is too much to do
  bad_request,        ///< the keeper cannot make sense of the request
  unsupported,        ///< the keeper or its token cannot do it
  operator_needed,    ///< a person must act first
  key_changed,        ///< the name means another key now: find the key again
  failed,             ///< the keeper or its token failed
  request_too_large,  ///< more than the keeper takes

  // The connection.
  bad_address,  ///< neither an absolute path nor "@abstract", or too long for a socket
  unreachable,  ///< nothing listens at any address
  no_access,    ///< the socket exists, and this user may not connect to it
  wrong_peer,   ///< somebody else than the keeper listens there
  timed_out,    ///< no answer within the deadline
  closed,       ///< the keeper went away before it answered
  lost_answer,  ///< the keeper went away with a request that must not be sent twice: look whether it was done
  bad_answer,   ///< the keeper's answer is malformed, or does not fit the request
};

const std::error_category& wire_category() noexcept;
inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), wire_category()}; }

}  // namespace sealring::inline v0::wire

template <>
struct std::is_error_code_enum<sealring::wire::errc> : std::true_type {};
