#include "agent/keeper/policy/certification_request.hpp"
#include "agent/keeper/policy/judge.hpp"
#include "agent/keeper/policy/jwk.hpp"
#include "agent/keeper/policy/jws_input.hpp"
#include "agent/keeper/policy/tls_message.hpp"
#include "agent/text.hpp"
#include "sealring/jose/name.hpp"

#include <algorithm>

namespace sealring::agent::policy {
namespace {

// RFC 8446 section 4.2.3 leaves PKCS#1 v1.5 to certificates; TLS 1.2 has it, and Ed25519 there is hardly spoken.
bool has_algorithm(tls_form form, algorithm_id id) {
  if (form == tls_form::certificate_verify_13) return id != algorithm_id::rs256;
  return id != algorithm_id::eddsa;
}

verdict judge_handshake(const request& r, const tls_message& m) {
  std::string what{m.detail};
  if (!is_listed(r.from, r.key))
    return deny(rule::tls_peer, "only the peers of " + quote(r.key.name) + " may sign handshakes with its key",
                std::move(what));
  if (!has_algorithm(m.form, r.algorithm))
    return deny(rule::tls_algorithm, std::string{jose::name(r.algorithm)} + " is no algorithm of this TLS version",
                std::move(what));
  return allow(m.form == tls_form::certificate_verify_13 ? rule::tls_13 : rule::tls_12, std::move(what));
}

verdict judge_csr(const request& r) {
  const auto csr = parse_certification_request_info(r.payload);
  if (!csr) return deny(rule::csr_form, csr.error().what);
  std::string what = "CSR " + shown(csr->names);
  if (!std::ranges::equal(csr->spki, r.key.spki))
    return deny(rule::csr_key, "the certification request is for another key than the one that would sign it", std::move(what));
  for (const identifier& id : csr->names)
    if (std::ranges::find(r.key.names, id.value) == r.key.names.end())
      return deny(rule::csr_names, shown(id.value) + " is not among the domains of [[certificate]] " + quote(r.key.name),
                  std::move(what));
  if (!is_jws_algorithm(r.algorithm)) return deny(rule::csr_algorithm, "PS256 is for handshakes only", std::move(what));
  return allow(rule::csr, std::move(what));
}

// ACME lets a certificate's own key revoke it (RFC 8555 section 7.6): a leaked key must not need its account.
verdict judge_own_revocation(const request& r, const world& w) {
  const auto jws = parse_jws_input(r.payload);
  if (!jws) return deny(rule::own_revocation_form, jws.error().what);
  const jws_header& header = jws->header;
  if (header.jwk() == nullptr || !header.nonce)
    return deny(rule::own_revocation_form, "with this key only a revocation with jwk and nonce is signed");
  const auto wish = parse_acme_request(jws->payload, signed_as::jwk);
  const auto* revocation = wish ? std::get_if<revoke_cert>(&*wish) : nullptr;
  if (revocation == nullptr)
    return deny(rule::own_revocation_form, wish ? "with this key only a revocation is signed" : wish.error().what);
  std::string what = "ACME revokeCert at " + shown(header.url);
  if (!is_jwk_of(*header.jwk(), *r.key.public_key) || header.alg != jose::name(r.algorithm) || !is_jws_algorithm(r.algorithm))
    return deny(rule::own_revocation_key, "the JWS names another key or algorithm than the one that would sign it",
                std::move(what));
  // Which CA a certificate is from, nothing here tells: any of them may be asked to revoke it.
  if (std::ranges::none_of(w.accounts, [&](const account_rules& a) { return is_at_ca(header.url, a); }))
    return deny(rule::own_revocation_url, w.accounts.empty() ? "there is no CA" : not_at_ca(header.url, w.accounts.front()),
                std::move(what));
  const auto certificate = read_revoked(*revocation);
  if (!certificate || !std::ranges::equal(certificate->spki, r.key.spki))
    return deny(rule::own_revocation_certificate, "a key can revoke the certificates of its own public half only",
                std::move(what));
  verdict v = allow(rule::own_revocation, what);
  if (revocation->reason == 1) {
    const approval* approved = find_approval(w, "revoke-key-compromise", {r.key.name}, {certificate->sha256});
    if (approved == nullptr)
      return deny(rule::own_revocation_approval,
                  "revoking for keyCompromise needs an operator's approval \"revoke-key-compromise\" of " + certificate->sha256,
                  std::move(what));
    v.approvals.push_back(approved->number);
  }
  return v;
}

}  // namespace

verdict judge_tls(const request& r, const world& w) {
  if (r.kind == request::type::sign_digest)
    return deny(rule::tls_digest, "this key signs messages that can be read, no digests; [[key]] with purpose = \"raw\" does");
  // No message is of two kinds: a certification request begins with a SEQUENCE, which parse_tls_*_message refuses, and a JWS
  // has base64url characters only.
  const auto handshake =
      r.key.use == purpose::tls_server ? parse_tls_server_message(r.payload) : parse_tls_client_message(r.payload);
  if (handshake) return judge_handshake(r, *handshake);
  if (r.from.via != channel::manager) return deny(rule::tls_form, handshake.error().what);
  constexpr std::uint8_t der_sequence = 0x30;
  if (!r.payload.empty() && r.payload.front() == der_sequence) return judge_csr(r);
  return judge_own_revocation(r, w);
}

}  // namespace sealring::agent::policy
