// The rules by name: what a denial, a log line and the audit record call the rule that decided.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sealring::agent::policy {

enum class rule : std::uint8_t {
  // Who asks, for what key.
  unauthorised,
  audit_by_wire,
  key_algorithm,
  // raw
  raw_peer,
  raw_digest_length,
  raw_digest,
  raw_message,
  // tls-server, tls-client
  tls_digest,
  tls_form,
  tls_peer,
  tls_algorithm,
  tls_13,
  tls_12,
  csr_form,
  csr_key,
  csr_names,
  csr_algorithm,
  csr,
  own_revocation_form,
  own_revocation_key,
  own_revocation_url,
  own_revocation_certificate,
  own_revocation_approval,
  own_revocation,
  // account
  account_digest,
  jws_form,
  jws_algorithm,
  account_url,
  account_payload,
  account_jwk,
  account_header,
  account_second_key,
  account_kid,
  account_contact,
  account_identifiers,
  account_csr_form,
  account_csr_key,
  account_csr_names,
  account_certificate,
  account_url_is_kid,
  key_change_form,
  deactivate_account_approval,
  deactivate_authorization_approval,
  key_change_approval,
  key_compromise_approval,
  post_as_get,
  challenge_response,
  new_account,
  account_update,
  deactivate_account,
  deactivate_authorization,
  new_order,
  new_authorization,
  finalize,
  revoke_certificate,
  key_change,
};

inline constexpr std::array<std::string_view, 56> rule_names{
    "unauthorised",
    "audit.by-wire",
    "key.algorithm",
    "raw.peer",
    "raw.digest-length",
    "raw.digest",
    "raw.message",
    "tls.digest",
    "tls.form",
    "tls.peer",
    "tls.algorithm",
    "tls.1.3",
    "tls.1.2",
    "csr.form",
    "csr.key",
    "csr.names",
    "csr.algorithm",
    "csr",
    "own-revocation.form",
    "own-revocation.key",
    "own-revocation.url",
    "own-revocation.certificate",
    "own-revocation.approval",
    "own-revocation",
    "account.digest",
    "jws.form",
    "jws.algorithm",
    "account.url",
    "account.payload",
    "account.jwk",
    "account.header",
    "account.second-key",
    "account.kid",
    "account.contact",
    "account.identifiers",
    "account.csr-form",
    "account.csr-key",
    "account.csr-names",
    "account.certificate",
    "account.url-is-kid",
    "key-change.form",
    "deactivate-account.approval",
    "deactivate-authorization.approval",
    "key-change.approval",
    "revoke-key-compromise.approval",
    "post-as-get",
    "challenge-response",
    "new-account",
    "account-update",
    "deactivate-account",
    "deactivate-authorization",
    "new-order",
    "new-authorization",
    "finalize",
    "revoke-certificate",
    "key-change",
};
static_assert(rule_names.size() == static_cast<std::size_t>(rule::key_change) + 1);

/// Stable: operators search logs for it.
[[nodiscard]] constexpr std::string_view name(rule r) noexcept { return rule_names[static_cast<std::size_t>(r)]; }

/// Whether what the rule allowed is a handshake of TLS.
[[nodiscard]] constexpr bool is_handshake(rule r) noexcept { return r == rule::tls_13 || r == rule::tls_12; }

}  // namespace sealring::agent::policy
