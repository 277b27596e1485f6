#include "agent/keeper/policy/jws_input.hpp"

#include "sealring/base64url.hpp"

#include <algorithm>

namespace sealring::agent::policy {
namespace {

// "Replay-Nonce ... 1*base64url" (RFC 8555 section 6.5.1). It need not decode to anything.
bool is_nonce(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return sealring::detail::base64url_value(c) >= 0; });
}

}  // namespace

result<jws_header> parse_jws_header(std::string_view base64url) {
  const auto decoded = base64url_decode(base64url);
  if (!decoded) return fail(decoded.error(), "reading the JWS protected header");
  auto parsed = parse_strict_object(as_text(*decoded));
  if (!parsed) return fail(condition::bad_input, "JWS protected header: " + parsed.error().what);
  const auto refuse = [](const char* why) { return fail(condition::bad_input, std::string{"JWS protected header: "} + why); };
  if (!only_members(*parsed, {"alg", "nonce", "url", "jwk", "kid"}))
    return refuse("a member that is none of alg, nonce, url, jwk and kid");
  const json::string* alg = string_member(*parsed, "alg");
  const json::string* nonce = string_member(*parsed, "nonce");
  const json::string* url = string_member(*parsed, "url");
  const json::string* kid = string_member(*parsed, "kid");
  json::value* jwk = parsed->if_contains("jwk");
  if (alg == nullptr || url == nullptr) return refuse("alg and url must be there, as strings");
  if (parsed->contains("nonce") && (nonce == nullptr || !is_nonce({nonce->data(), nonce->size()})))
    return refuse("the nonce must be base64url characters");
  if (parsed->contains("jwk") == parsed->contains("kid")) return refuse("exactly one of jwk and kid must be there");
  if (jwk != nullptr ? !jwk->is_object() : kid == nullptr) return refuse("jwk must be an object, kid a string");
  jws_header header{{alg->begin(), alg->end()}, {}, {url->begin(), url->end()}, {}};
  if (nonce != nullptr) header.nonce.emplace(nonce->begin(), nonce->end());
  if (jwk != nullptr) header.key = std::move(jwk->get_object());
  else header.key = std::string{kid->begin(), kid->end()};
  return header;
}

result<jws_input> parse_jws_input(bytes_view message) {
  const std::string_view text = as_text(message);
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return fail(condition::bad_input, "no JWS signing input: it has no \".\"");
  auto payload = base64url_decode(text.substr(dot + 1));
  if (!payload) return fail(payload.error(), "reading the JWS payload");
  auto header = parse_jws_header(text.substr(0, dot));
  if (!header) return header.error();
  return jws_input{*std::move(header), {payload->begin(), payload->end()}};
}

}  // namespace sealring::agent::policy
