// What the judge's parts share. Not for others: they include policy.hpp.
#pragma once

#include "agent/keeper/policy/acme_request.hpp"
#include "agent/keeper/policy/policy.hpp"

#include <initializer_list>

namespace sealring::agent::policy {

[[nodiscard]] verdict judge_account(const request&, const world&);
[[nodiscard]] verdict judge_tls(const request&, const world&);

[[nodiscard]] verdict allow(rule, std::string what);
[[nodiscard]] verdict deny(rule, std::string why, std::string what = {});

/// What a stranger wrote, in quotation marks, on one line, cut to a readable length.
[[nodiscard]] std::string shown(std::string_view);
/// "a, b, c", cut likewise.
[[nodiscard]] std::string shown(const std::vector<identifier>&);

/// The approval of exactly this that has not expired, or nullptr.
[[nodiscard]] const approval* find_approval(const world&, std::string_view operation,
                                            std::initializer_list<std::string_view> keys,
                                            std::initializer_list<std::string_view> parameters);

/// Whether a JWS or a CSR may be signed with it: ES256, ES384, ES512, RS256 or EdDSA.
[[nodiscard]] bool is_jws_algorithm(algorithm_id) noexcept;

/// "[ca]" or "[fallback]"
[[nodiscard]] std::string_view section_of(const account_rules&) noexcept;

/// Whether the URL is https on one of the CA's origins.
[[nodiscard]] bool is_at_ca(std::string_view url, const account_rules&);
/// Why it is not signed for where it is on none of them, and the line that would allow it.
[[nodiscard]] std::string not_at_ca(std::string_view url, const account_rules&);

/// The certificate that a revocation is about.
struct revoked_certificate {
  bytes spki;
  std::string sha256;  ///< lower-case hexadecimal
};
[[nodiscard]] result<revoked_certificate> read_revoked(const revoke_cert&);

}  // namespace sealring::agent::policy
