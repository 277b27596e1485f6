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
  [[nodiscard]] bool is(std::string_view name) const {
    static constexpr std::string_view prefix = "urn:ietf:params:acme:error:";
    return type.size() == prefix.size() + name.size() && type.starts_with(prefix) && type.ends_with(name);
  }
};

[[nodiscard]] inline subproblem to_subproblem(const json::object& o) {
  subproblem s{text(o, "type"), text(o, "detail"), {}, {}, o};
  if (const json::object* id = object(o, "identifier")) {
    s.identifier = text(*id, "value");
    s.identifier_type = text(*id, "type");
  }
  return s;
}

[[nodiscard]] inline problem to_problem(const json::object& o, int status = 0) {
  return {text(o, "type"),
          text(o, "detail"),
          status,
          text(o, "instance"),
          objects(o, "subproblems", to_subproblem),
          text(o, "title"),
          o};
}

[[nodiscard]] inline json::object to_json(const subproblem& s) {
  json::object o = s.source;
  detail::set_text(o, "type", s.type);
  detail::set_text(o, "detail", s.detail);
  const json::object* known = object(o, "identifier");
  const json::object as_it_is = known != nullptr ? *known : json::object{};
  json::object id = as_it_is;
  detail::set_text(id, "type", s.identifier_type);
  detail::set_text(id, "value", s.identifier);
  if (id != as_it_is) detail::set_object(o, "identifier", id.empty() ? std::nullopt : std::optional{std::move(id)});
  return o;
}

/// As it was sent: `status` is of the answer, and not among the document's members unless the server put it there.
[[nodiscard]] inline json::object to_json(const problem& p) {
  json::object o = p.source;
  detail::set_text(o, "type", p.type);
  detail::set_text(o, "title", p.title);
  detail::set_text(o, "detail", p.detail);
  detail::set_text(o, "instance", p.instance);
  detail::set_objects(o, "subproblems", p.subproblems, [](const subproblem& s) { return to_json(s); });
  return o;
}

/// The page that a person must go to: what userActionRequired names (RFC 8555 section 7.3.3), or the first https URL in the
/// text of rateLimited, where Let's Encrypt tells how to unpause an account. Empty where the problem names none.
[[nodiscard]] inline std::string portal_url(const problem& p) {
  if (p.is("userActionRequired")) return p.instance;
  const std::size_t at = p.is("rateLimited") ? p.detail.find("https://") : std::string::npos;
  if (at == std::string::npos) return {};
  std::string_view url = std::string_view{p.detail}.substr(at);
  const auto ends = [](char c) { return c <= ' ' || c > '~' || c == '"' || c == '<' || c == '>'; };
  url = url.substr(0, static_cast<std::size_t>(std::ranges::find_if(url, ends) - url.begin()));
  return std::string{url.substr(0, url.find_last_not_of(".,;:!?)]'") + 1)};  // those end the sentence, not the URL
}

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

inline const std::error_category& category() noexcept {
  static const struct final : std::error_category {
    const char* name() const noexcept override { return "sealring.acme"; }
    std::string message(int value) const override {
      switch (static_cast<errc>(value)) {
        case errc::problem: return "the CA refused the request";
        case errc::busy: return "the CA asks to come back later";
        case errc::not_acme: return "the answer is not what an ACME server sends";
        case errc::body_too_large: return "the answer is too large";
        case errc::bad_redirect: return "a redirection that cannot be followed";
        case errc::no_nonce: return "the CA gives no nonces";
        case errc::deadline_exceeded: return "time ran out";
        case errc::authorization_failed: return "the CA could not validate an identifier";
        case errc::no_solvable_challenge: return "the CA offers no challenge that can be solved here";
        case errc::order_failed: return "the CA gave the order up";
        case errc::certificate_mismatch: return "the certificate is not the one that was asked for";
        case errc::no_account: return "there is no account yet";
        case errc::transport: return "the connection failed";
        case errc::not_offered: return "the CA does not offer this";
        case errc::key_in_use: return "the new key has an account already";
        case errc::record_forbids: return "no DNS record lets the CA do this";
      }
      return "unknown error";
    }
    std::error_condition default_error_condition(int value) const noexcept override {
      switch (static_cast<errc>(value)) {
        case errc::busy:
        case errc::deadline_exceeded:
        case errc::transport: return make_error_condition(condition::retry_later);
        case errc::no_account: return make_error_condition(condition::bad_input);
        case errc::no_solvable_challenge:
        case errc::not_offered: return make_error_condition(condition::unsupported);
        case errc::problem:
        case errc::key_in_use:
        case errc::record_forbids:
        case errc::authorization_failed:
        case errc::order_failed: return make_error_condition(condition::operator_needed);
        default: return make_error_condition(condition::peer_fault);
      }
    }
  } category;
  return category;
}

inline std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

/// A failed ACME operation: the code, one line that says what went wrong and where, and all that the server said.
struct failure {
  std::error_code code;
  std::string what;
  std::optional<acme::problem> problem{};
  std::optional<std::chrono::seconds> retry_after{};  ///< when the server said so (RFC 8555 section 6.6)
  std::string location{};  ///< of what stands in the way: the account that has the new key (RFC 8555 section 7.3.5)
};

[[nodiscard]] inline std::error_code make_error_code(const failure& f) noexcept { return f.code; }

/// What result<T>::value() throws.
[[noreturn]] inline void throw_failure(const failure& f) { throw std::system_error{f.code, f.what}; }

template <class T>
using result = basic_result<T, failure>;

}  // namespace sealring::inline v0::acme

template <>
struct std::is_error_code_enum<sealring::acme::errc> : std::true_type {};

namespace sealring::inline v0::acme {

/// A failure of a lower layer, with the place where it struck.
[[nodiscard]] inline failure because(std::error_code code, std::string where) {
  return {code, std::move(where) + ": " + code.message()};
}

/// A stranger's text for terminals and logs: a space for each octet of a control character (C0, C1 and DEL).
[[nodiscard]] inline std::string printable(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = [&text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    if (octet(i) < ' ' || octet(i) == 0x7f) text[i] = ' ';
    else if (octet(i) == 0xc2 && i + 1 < text.size() && octet(i + 1) >= 0x80 && octet(i + 1) < 0xa0) text.replace(i, 2, "  ");
  }
  return text;
}

/// What the server refused, in one line: "URL: detail (type; identifier: detail; ...)".
[[nodiscard]] inline failure refused(std::string where, problem p, errc code = errc::problem) {
  std::string what = std::move(where) + ": " + (p.detail.empty() ? "no detail given" : p.detail);
  if (!p.type.empty()) what += " (" + p.type + ')';
  for (const subproblem& sub : p.subproblems)
    what += "; " + (sub.identifier.empty() ? std::string{} : sub.identifier + ": ") + sub.detail + " (" + sub.type + ')';
  if (!p.instance.empty()) what += "; see " + p.instance;
  return {code, printable(std::move(what)), std::move(p)};
}

}  // namespace sealring::inline v0::acme
