#pragma once

#include "sealring/acme/problem.hpp"

#include <algorithm>

namespace sealring::inline v0::acme {

SEALRING_INLINE subproblem to_subproblem(const json::object& o) {
  subproblem s{text(o, "type"), text(o, "detail"), {}, {}, o};
  if (const json::object* id = object(o, "identifier")) {
    s.identifier = text(*id, "value");
    s.identifier_type = text(*id, "type");
  }
  return s;
}

SEALRING_INLINE problem to_problem(const json::object& o, int status) {
  return {text(o, "type"),
          text(o, "detail"),
          status,
          text(o, "instance"),
          objects(o, "subproblems", to_subproblem),
          text(o, "title"),
          o};
}

SEALRING_INLINE json::object to_json(const subproblem& s) {
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

SEALRING_INLINE json::object to_json(const problem& p) {
  json::object o = p.source;
  detail::set_text(o, "type", p.type);
  detail::set_text(o, "title", p.title);
  detail::set_text(o, "detail", p.detail);
  detail::set_text(o, "instance", p.instance);
  detail::set_objects(o, "subproblems", p.subproblems, [](const subproblem& s) { return to_json(s); });
  return o;
}

SEALRING_INLINE std::string portal_url(const problem& p) {
  if (p.is("userActionRequired")) return p.instance;
  const std::size_t at = p.is("rateLimited") ? p.detail.find("https://") : std::string::npos;
  if (at == std::string::npos) return {};
  std::string_view url = std::string_view{p.detail}.substr(at);
  const auto ends = [](char c) { return c <= ' ' || c > '~' || c == '"' || c == '<' || c == '>'; };
  url = url.substr(0, static_cast<std::size_t>(std::ranges::find_if(url, ends) - url.begin()));
  return std::string{url.substr(0, url.find_last_not_of(".,;:!?)]'") + 1)};  // those end the sentence, not the URL
}

SEALRING_INLINE const std::error_category& category() noexcept {
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

SEALRING_INLINE std::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), category()}; }

SEALRING_INLINE std::error_code make_error_code(const failure& f) noexcept { return f.code; }

SEALRING_INLINE failure because(std::error_code code, std::string where) {
  return {code, std::move(where) + ": " + code.message()};
}

SEALRING_INLINE std::string printable(std::string text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = [&text](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    if (octet(i) < ' ' || octet(i) == 0x7f) text[i] = ' ';
    else if (octet(i) == 0xc2 && i + 1 < text.size() && octet(i + 1) >= 0x80 && octet(i + 1) < 0xa0) text.replace(i, 2, "  ");
  }
  return text;
}

SEALRING_INLINE failure refused(std::string where, problem p, errc code) {
  std::string what = std::move(where) + ": " + (p.detail.empty() ? "no detail given" : p.detail);
  if (!p.type.empty()) what += " (" + p.type + ')';
  for (const subproblem& sub : p.subproblems)
    what += "; " + (sub.identifier.empty() ? std::string{} : sub.identifier + ": ") + sub.detail + " (" + sub.type + ')';
  if (!p.instance.empty()) what += "; see " + p.instance;
  return {code, printable(std::move(what)), std::move(p)};
}

SEALRING_INLINE bool problem::is(std::string_view name) const {
  static constexpr std::string_view prefix = "urn:ietf:params:acme:error:";
  return type.size() == prefix.size() + name.size() && type.starts_with(prefix) && type.ends_with(name);
}

}  // namespace sealring::inline v0::acme
