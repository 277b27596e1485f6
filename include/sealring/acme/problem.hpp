// How ACME fails: the server's problem documents (RFC 7807, RFC 8555 section 6.7) and everything else, in one type.
#pragma once

#include "sealring/acme/json.hpp"
#include "sealring/x509/identifier.hpp"

#include <chrono>
#include <optional>

namespace sealring::inline v0::acme {

/// "An ACME problem document MAY contain the "subproblems" field, containing a JSON array of problem documents, each of which
/// MAY contain an "identifier" field" (RFC 8555 section 6.7.1).
struct subproblem {
  /// "Subproblems need not all have the same type, and they do not need to match the top level type" (RFC 8555 section 6.7.1)
  std::string type;
  std::string detail;             ///< what is wrong with this identifier (RFC 7807 section 3.1)
  std::string identifier;         ///< its value; empty when the subproblem names none
  std::string identifier_type{};  ///< "dns", "ip", or another of the registry (RFC 8555 section 9.7.7)
  json::object source{};          ///< the whole of it, as the server sent it
};

/// A problem document.
struct problem {
  /// "A URI reference ... that identifies the problem type" (RFC 7807 section 3.1): the URN whole; see `is`
  std::string type;
  /// "A human-readable explanation specific to this occurrence of the problem" (RFC 7807 section 3.1): "Clients SHOULD display
  /// the "detail" field of all errors" (RFC 8555 section 6.7)
  std::string detail;
  /// The HTTP status it came with; 0 when it was inside another object
  int status = 0;
  /// "A URI reference that identifies the specific occurrence of the problem" (RFC 7807 section 3.1). Of userActionRequired:
  /// "Visit the "instance" URL and take actions specified there" (RFC 8555 section 6.7)
  std::string instance;
  std::vector<subproblem> subproblems;
  /// "A short, human-readable summary of the problem type" (RFC 7807 section 3.1)
  std::string title{};
  json::object source{};  ///< as the server sent it

  /// Whether it is `urn:ietf:params:acme:error:` followed by `name`.
  [[nodiscard]] bool is(std::string_view name) const;
};

[[nodiscard]] subproblem to_subproblem(const json::object& o);

[[nodiscard]] problem to_problem(const json::object& o, int status = 0);

[[nodiscard]] json::object to_json(const subproblem& s);

/// As it was sent: `status` is of the answer, and not among the document's members unless the server put it there.
[[nodiscard]] json::object to_json(const problem& p);

/// The page that a person must go to: what userActionRequired names (RFC 8555 section 7.3.3), or the first https URL in the
/// text of rateLimited, where Let's Encrypt tells how to unpause an account. Empty where the problem names none.
[[nodiscard]] std::string portal_url(const problem& p);

/// What happened, where the code is not another layer's.
enum class errc {
  problem = 1,            ///< the server refused; failure::problem has its document
  busy,                   ///< the server asks to come back later (rateLimited, serverInternal, 429, 5xx)
  not_acme,               ///< the answer is not what an ACME server sends
  body_too_large,         ///< a response body over the cap
  bad_redirect,           ///< a redirection that may not be followed
  no_nonce,               ///< the server gives no nonces
  deadline_exceeded,      ///< the time allowed for a request or a wait has run out
  authorization_failed,   ///< the CA could not validate an identifier
  no_solvable_challenge,  ///< no challenge that the solver supports was offered
  order_failed,           ///< the order became invalid
  certificate_mismatch,   ///< the certificate is not the one that was asked for
  no_account,             ///< a request in an account's name before there is one
  transport,              ///< the connection failed (name, TCP, TLS, timeout)
  not_offered,            ///< the CA has no such resource (newAuthz, renewalInfo, orders) or no such profile
  key_in_use,             ///< the new key has an account already; failure::location is its URL
  record_forbids,         ///< no DNS record lets the CA do this, or one forbids it
};

const std::error_category& category() noexcept;

std::error_code make_error_code(errc e) noexcept;

/// A failed ACME operation: the code, one line that says what went wrong and where, and all that the server said.
struct failure {
  std::error_code code;
  std::string what;
  std::optional<acme::problem> problem{};
  std::optional<std::chrono::seconds> retry_after{};  ///< when the server said so (RFC 8555 section 6.6)
  std::string location{};  ///< of what stands in the way: the account that has the new key (RFC 8555 section 7.3.5)
};

[[nodiscard]] std::error_code make_error_code(const failure& f) noexcept;

/// What result<T>::value() throws.
[[noreturn]] inline void throw_failure(const failure& f) { throw std::system_error{f.code, f.what}; }

template <class T>
using result = basic_result<T, failure>;

}  // namespace sealring::inline v0::acme

template <>
struct std::is_error_code_enum<sealring::acme::errc> : std::true_type {};

namespace sealring::inline v0::acme {

/// A failure of a lower layer, with the place where it struck.
[[nodiscard]] failure because(std::error_code code, std::string where);

/// A stranger's text for terminals and logs: a space for each octet of a control character (C0, C1 and DEL).
[[nodiscard]] std::string printable(std::string text);

/// What the server refused, in one line: "URL: detail (type; identifier: detail; ...)".
[[nodiscard]] failure refused(std::string where, problem p, errc code = errc::problem);

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/problem.ipp"
#endif
