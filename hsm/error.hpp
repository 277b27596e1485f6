// How the HSM layer fails: what the module answered, what we refuse ourselves, and a sentence for the operator.
//
// Opening things (a module, a token, a PIN, a key) fails with a `failure`: a code for the program and a sentence that names the
// file, slot or label and says what to do. A signature fails with the bare code: it is made in hot paths, far from any
// operator.
#pragma once

#include "sealring/result.hpp"

#include <iosfwd>
#include <stdexcept>
#include <string_view>

namespace sealring::inline v0::hsm {

/// What the module answered: any CK_RV, verbatim, vendors' own included. Named here are those that this layer decides upon.
enum class errc : unsigned long {
  host_memory = 0x2,
  slot_id_invalid = 0x3,
  general_error = 0x5,
  function_failed = 0x6,
  arguments_bad = 0x7,
  cant_lock = 0xa,
  attribute_read_only = 0x10,
  attribute_sensitive = 0x11,
  attribute_type_invalid = 0x12,
  attribute_value_invalid = 0x13,
  device_error = 0x30,
  device_memory = 0x31,
  device_removed = 0x32,
  function_not_supported = 0x54,
  key_handle_invalid = 0x60,
  mechanism_invalid = 0x70,
  mechanism_param_invalid = 0x71,
  object_handle_invalid = 0x82,
  operation_active = 0x90,
  operation_not_initialized = 0x91,
  pin_incorrect = 0xa0,
  pin_invalid = 0xa1,
  pin_len_range = 0xa2,
  pin_expired = 0xa3,
  pin_locked = 0xa4,
  session_closed = 0xb0,
  session_count = 0xb1,
  session_handle_invalid = 0xb3,
  session_read_only_exists = 0xb7,
  template_incomplete = 0xd0,
  template_inconsistent = 0xd1,
  token_not_present = 0xe0,
  token_not_recognized = 0xe1,
  user_already_logged_in = 0x100,
  user_not_logged_in = 0x101,
  user_pin_not_initialized = 0x102,
  user_type_invalid = 0x103,
  user_another_already_logged_in = 0x104,
  buffer_too_small = 0x150,
  cryptoki_not_initialized = 0x190,
  cryptoki_already_initialized = 0x191,
};

/// What this layer found or refused by itself.
enum class trouble {
  module_not_loadable = 1,  ///< no such file, or not a PKCS#11 module
  module_in_use,            ///< other code in this process has initialised the module
  module_failed,            ///< C_Initialize failed; nothing of the module may be called
  bad_uri,                  ///< not a PKCS#11 URI (RFC 7512)
  uri_refused,              ///< a URI that carries a PIN, a command, a repeated attribute
  token_not_found,
  token_ambiguous,    ///< more than one token fits: none is chosen, since a PIN would be tried on the wrong one
  pin_unavailable,    ///< the PIN's file, credential or terminal cannot be read
  pin_exposed,        ///< others may read the PIN's file
  pin_malformed,      ///< empty, or longer than any PIN
  pin_refused,        ///< the token refuses this PIN, now or in an earlier run
  pin_last_try,       ///< one wrong PIN would lock the token
  pin_locked,         ///< the token is locked
  pin_to_be_changed,  ///< the token wants a new PIN first
  pin_unfinished,     ///< two tries of this PIN never ended
  pin_busy,           ///< another process is logging in to this token
  mark_unusable,      ///< the record of PIN tries cannot be read or written
  not_logged_in,
  key_not_found,
  key_ambiguous,     ///< more than one key fits: none is chosen
  key_exists,        ///< the label is taken
  key_extractable,   ///< the key can leave the token
  key_not_usable,    ///< the key may not sign, or wants a PIN for every signature
  key_unreadable,    ///< its public half is missing or malformed
  key_mismatch,      ///< a signature does not verify under the key's public half
  key_not_safe,      ///< the token made a key without the custody that was asked for
  unsupported,       ///< the token has no mechanism for this
  sessions_busy,     ///< no session became free in time
  malformed_answer,  ///< the module returned something PKCS#11 does not allow
};

const std::error_category& pkcs11_category() noexcept;
const std::error_category& hsm_category() noexcept;
inline std::error_code make_error_code(errc e) noexcept {
  return {static_cast<int>(static_cast<unsigned long>(e)), pkcs11_category()};
}
inline std::error_code make_error_code(trouble t) noexcept { return {static_cast<int>(t), hsm_category()}; }

/// A code for the program and a sentence for the operator.
struct failure {
  std::error_code code;
  std::string what;  ///< what was tried on which thing, and what to do; may be empty

  failure() = default;
  failure(std::error_code c, std::string w = {}) : code{c}, what{std::move(w)} {}
  failure(errc e, std::string w = {}) : failure{make_error_code(e), std::move(w)} {}
  failure(trouble t, std::string w = {}) : failure{make_error_code(t), std::move(w)} {}

  /// The whole story in one line.
  std::string message() const;

  friend std::ostream& operator<<(std::ostream& out, const failure& f);
  friend bool operator==(const failure& f, condition c) noexcept { return f.code == c; }
  friend bool operator==(const failure& f, errc e) noexcept { return f.code == make_error_code(e); }
  friend bool operator==(const failure& f, trouble t) noexcept { return f.code == make_error_code(t); }
};

template <class T>
using result = basic_result<T, failure>;

/// What result<T>::value() throws.
struct failed : std::runtime_error {
  failure why;
  explicit failed(failure f) : std::runtime_error{f.message()}, why{std::move(f)} {}
};
[[noreturn]] void throw_failure(const failure&);

}  // namespace sealring::inline v0::hsm

template <>
struct std::is_error_code_enum<sealring::hsm::errc> : std::true_type {};
template <>
struct std::is_error_code_enum<sealring::hsm::trouble> : std::true_type {};
