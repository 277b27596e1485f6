// What an ACME request asks for, told by the members of its payload (RFC 8555 section 7).
#pragma once

#include "agent/keeper/policy/strict_json.hpp"
#include "sealring/bytes.hpp"
#include "sealring/x509/identifier.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sealring::agent::policy {

struct post_as_get {};         ///< the empty payload (section 6.3)
struct challenge_response {};  ///< {} (section 7.5.1)
struct new_account {
  std::vector<std::string> contact;
  bool only_return_existing = false;
};
struct account_update {
  std::vector<std::string> contact;
};
struct deactivation {};  ///< of an account (section 7.3.6) or an authorization (7.5.2): the URL tells
struct new_order {
  std::vector<identifier> identifiers;  ///< at least one
};
struct new_authorization {
  sealring::identifier identifier;
};
struct finalize {
  bytes csr;
};
struct revoke_cert {
  bytes certificate;
  std::optional<int> reason;  ///< a CRLReason of RFC 5280 section 5.3.1
};
struct key_change_outer {
  std::string inner_protected;  ///< BASE64URL, as jws_header wants it
  std::string inner_payload;    ///< decoded
};
struct key_change_inner {
  std::string account;
  json::object old_key;
};

using acme_request = std::variant<post_as_get, challenge_response, new_account, account_update, deactivation, new_order,
                                  new_authorization, finalize, revoke_cert, key_change_outer, key_change_inner>;

enum class signed_as : std::uint8_t { jwk, kid };

/// Unknown members are refused. Whether the header has a jwk decides where the payload does not: {"contact":[...]} and {} are a
/// newAccount with it, and an account's update and a challenge's response with a kid.
[[nodiscard]] result<acme_request> parse_acme_request(std::string_view payload, signed_as);

}  // namespace sealring::agent::policy
