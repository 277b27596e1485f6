#include "hsm/error.hpp"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <ostream>

namespace sealring::inline v0::hsm {

namespace {

struct known {
  unsigned long value;
  const char* name;
  const char* meaning;
  condition advice;
};

constexpr auto later = condition::retry_later;
constexpr auto person = condition::operator_needed;
constexpr auto denied = condition::denied;
constexpr auto cannot = condition::unsupported;
constexpr auto bad_input = condition::bad_input;
constexpr auto module_fault = condition::peer_fault;

// PKCS#11 v2.40 section 5.1, sorted by value. Everything about a PIN needs a person, and so does a device that is not there:
// trying again by ourselves is what locks tokens.
constexpr known answers[] = {
    {0x001, "CKR_CANCEL", "the token asked to stop", later},
    {0x002, "CKR_HOST_MEMORY", "the module is out of memory", later},
    {0x003, "CKR_SLOT_ID_INVALID", "there is no such slot", person},
    {0x005, "CKR_GENERAL_ERROR", "the module failed and may need a restart", later},
    {0x006, "CKR_FUNCTION_FAILED", "the token could not do it this time", later},
    {0x007, "CKR_ARGUMENTS_BAD", "the module refuses the arguments", module_fault},
    {0x009, "CKR_NEED_TO_CREATE_THREADS", "the module wants threads of its own", cannot},
    {0x00a, "CKR_CANT_LOCK", "the module cannot be used by several threads", cannot},
    {0x010, "CKR_ATTRIBUTE_READ_ONLY", "the token does not let this attribute be set", cannot},
    {0x011, "CKR_ATTRIBUTE_SENSITIVE", "the token does not show this attribute", denied},
    {0x012, "CKR_ATTRIBUTE_TYPE_INVALID", "the token does not know this attribute", cannot},
    {0x013, "CKR_ATTRIBUTE_VALUE_INVALID", "the token refuses the value of an attribute", cannot},
    {0x01b, "CKR_ACTION_PROHIBITED", "the token's policy forbids it", denied},
    {0x020, "CKR_DATA_INVALID", "the token refuses the data", bad_input},
    {0x021, "CKR_DATA_LEN_RANGE", "the token refuses data of this length", bad_input},
    {0x030, "CKR_DEVICE_ERROR", "the device has failed", later},
    {0x031, "CKR_DEVICE_MEMORY", "the token is full: destroy keys that are no longer used", person},
    {0x032, "CKR_DEVICE_REMOVED", "the token was removed: plug it in again", person},
    {0x050, "CKR_FUNCTION_CANCELED", "the operation was cancelled", later},
    {0x054, "CKR_FUNCTION_NOT_SUPPORTED", "the module has no such function", cannot},
    {0x060, "CKR_KEY_HANDLE_INVALID", "the token no longer knows the key", later},
    {0x062, "CKR_KEY_SIZE_RANGE", "the token cannot use keys of this size", cannot},
    {0x063, "CKR_KEY_TYPE_INCONSISTENT", "the key is of the wrong type for the mechanism", cannot},
    {0x068, "CKR_KEY_FUNCTION_NOT_PERMITTED", "the key may not be used for this", denied},
    {0x070, "CKR_MECHANISM_INVALID", "the token does not have this mechanism", cannot},
    {0x071, "CKR_MECHANISM_PARAM_INVALID", "the token refuses the mechanism's parameter", cannot},
    {0x082, "CKR_OBJECT_HANDLE_INVALID", "the token no longer knows the object", later},
    {0x090, "CKR_OPERATION_ACTIVE", "an operation is still active in the session", later},
    {0x091, "CKR_OPERATION_NOT_INITIALIZED", "the session has lost the operation", later},
    {0x0a0, "CKR_PIN_INCORRECT", "the PIN is wrong", person},
    {0x0a1, "CKR_PIN_INVALID", "the PIN has characters that the token does not take", person},
    {0x0a2, "CKR_PIN_LEN_RANGE", "the PIN is too short or too long for the token", person},
    {0x0a3, "CKR_PIN_EXPIRED", "the PIN has expired: set a new one with the token's own tool", person},
    {0x0a4, "CKR_PIN_LOCKED", "the PIN is locked: unlock it with the token's security officer", person},
    {0x0b0, "CKR_SESSION_CLOSED", "the token has closed the session", later},
    {0x0b1, "CKR_SESSION_COUNT", "the token has no more sessions", later},
    {0x0b3, "CKR_SESSION_HANDLE_INVALID", "the token no longer knows the session", later},
    {0x0b4, "CKR_SESSION_PARALLEL_NOT_SUPPORTED", "the token refuses the session", cannot},
    {0x0b5, "CKR_SESSION_READ_ONLY", "the session may not change the token", denied},
    {0x0b7, "CKR_SESSION_READ_ONLY_EXISTS", "a read-only session stands in the way", later},
    {0x0b8, "CKR_SESSION_READ_WRITE_SO_EXISTS", "the security officer is logged in", person},
    {0x0d0, "CKR_TEMPLATE_INCOMPLETE", "the token wants further attributes", cannot},
    {0x0d1, "CKR_TEMPLATE_INCONSISTENT", "the token refuses the set of attributes", cannot},
    {0x0e0, "CKR_TOKEN_NOT_PRESENT", "there is no token in the slot: plug it in", person},
    {0x0e1, "CKR_TOKEN_NOT_RECOGNIZED", "the module does not recognise the token", person},
    {0x0e2, "CKR_TOKEN_WRITE_PROTECTED", "the token is write-protected", person},
    {0x100, "CKR_USER_ALREADY_LOGGED_IN", "the process is logged in already", later},
    {0x101, "CKR_USER_NOT_LOGGED_IN", "nobody is logged in to the token", later},
    {0x102, "CKR_USER_PIN_NOT_INITIALIZED", "the token has no user PIN yet: set one with its own tool", person},
    {0x103, "CKR_USER_TYPE_INVALID", "the token has no such user", person},
    {0x104, "CKR_USER_ANOTHER_ALREADY_LOGGED_IN", "another user is logged in to the token", person},
    {0x105, "CKR_USER_TOO_MANY_TYPES", "too many users are logged in to the token", person},
    {0x130, "CKR_DOMAIN_PARAMS_INVALID", "the token does not have this curve", cannot},
    {0x140, "CKR_CURVE_NOT_SUPPORTED", "the token does not have this curve", cannot},
    {0x150, "CKR_BUFFER_TOO_SMALL", "the answer is longer than any that is known", module_fault},
    {0x190, "CKR_CRYPTOKI_NOT_INITIALIZED", "the module has been finalised", later},
    {0x191, "CKR_CRYPTOKI_ALREADY_INITIALIZED", "the module has been initialised by other code", person},
    {0x200, "CKR_FUNCTION_REJECTED", "the token rejected the request", denied},
};
static_assert(std::ranges::is_sorted(answers, {}, &known::value));

const known* find_known(int code) noexcept {
  const unsigned long value = static_cast<unsigned>(code);
  const auto* found = std::ranges::lower_bound(answers, value, {}, &known::value);
  return found != std::end(answers) && found->value == value ? found : nullptr;
}

std::string hexadecimal(int code) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%x", static_cast<unsigned>(code));
  return text;
}

struct pkcs11_codes final : std::error_category {
  const char* name() const noexcept override { return "pkcs11"; }
  std::string message(int code) const override {
    if (const auto* found = find_known(code))
      return std::string{found->name} + " (" + hexadecimal(code) + "): " + found->meaning;
    if (static_cast<unsigned>(code) >= 0x8000'0000U)
      return "CKR_VENDOR_DEFINED (" + hexadecimal(code) + "): an error of the vendor's own, see the module's manual";
    return "CKR " + hexadecimal(code) + ": the module failed";
  }
  std::error_condition default_error_condition(int code) const noexcept override {
    const auto* found = find_known(code);
    return make_error_condition(found != nullptr ? found->advice : module_fault);
  }
};

struct own_codes final : std::error_category {
  const char* name() const noexcept override { return "sealring.hsm"; }

  std::string message(int code) const override {
    switch (static_cast<trouble>(code)) {
      case trouble::module_not_loadable: return "the PKCS#11 module cannot be loaded";
      case trouble::module_in_use: return "other code in this process uses the PKCS#11 module";
      case trouble::module_failed: return "the PKCS#11 module does not start";
      case trouble::bad_uri: return "not a PKCS#11 URI as RFC 7512 wants it";
      case trouble::uri_refused: return "the PKCS#11 URI holds what it must not";
      case trouble::token_not_found: return "no such token";
      case trouble::token_ambiguous: return "more than one token fits";
      case trouble::pin_unavailable: return "the PIN cannot be read";
      case trouble::pin_exposed: return "others can read or change the PIN";
      case trouble::pin_malformed: return "this cannot be a PIN";
      case trouble::pin_refused: return "the token refuses this PIN";
      case trouble::pin_last_try: return "one more wrong PIN would lock the token";
      case trouble::pin_locked: return "the token's PIN is locked";
      case trouble::pin_to_be_changed: return "the token wants a new PIN first";
      case trouble::pin_unfinished: return "earlier tries of this PIN never ended";
      case trouble::pin_busy: return "another process is logging in to the token";
      case trouble::mark_unusable: return "the record of PIN tries cannot be kept";
      case trouble::not_logged_in: return "not logged in to the token";
      case trouble::key_not_found: return "no such key in the token";
      case trouble::key_ambiguous: return "more than one key fits";
      case trouble::key_exists: return "the token has a key of this label";
      case trouble::key_extractable: return "the key can be taken out of the token";
      case trouble::key_not_usable: return "the key may not be used";
      case trouble::key_unreadable: return "the key's public half cannot be read";
      case trouble::key_mismatch: return "the token's signature does not fit the key's public half";
      case trouble::key_not_safe: return "the token does not keep the key as it was told to";
      case trouble::unsupported: return "the token cannot do this";
      case trouble::sessions_busy: return "no session became free in time";
      case trouble::malformed_answer: return "the module gave a malformed answer";
    }
    return "unknown trouble";
  }

  std::error_condition default_error_condition(int code) const noexcept override {
    switch (static_cast<trouble>(code)) {
      case trouble::pin_busy:
      case trouble::sessions_busy: return make_error_condition(later);
      case trouble::bad_uri:
      case trouble::pin_malformed: return make_error_condition(bad_input);
      case trouble::uri_refused:
      case trouble::key_extractable:
      case trouble::key_not_usable: return make_error_condition(denied);
      case trouble::unsupported: return make_error_condition(cannot);
      case trouble::key_mismatch:
      case trouble::key_unreadable:
      case trouble::key_not_safe:
      case trouble::malformed_answer: return make_error_condition(module_fault);
      default: return make_error_condition(person);
    }
  }
};

}  // namespace

const std::error_category& pkcs11_category() noexcept { return sealring::detail::never_destroyed<pkcs11_codes>(); }

const std::error_category& hsm_category() noexcept { return sealring::detail::never_destroyed<own_codes>(); }

// A sentence that was written for the case at hand says more than the code's own; what the module answered is always kept,
// since its name is what an operator will search for.
std::string failure::message() const {
  if (what.empty()) return code.message();
  if (code.category() == hsm_category()) return what;
  return what + ": " + code.message();
}

std::ostream& operator<<(std::ostream& out, const failure& f) { return out << f.message(); }

void throw_failure(const failure& f) { throw failed{f}; }

}  // namespace sealring::inline v0::hsm
