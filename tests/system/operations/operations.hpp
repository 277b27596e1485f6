// The operations, by what they are about. Each function shows some of them, or throws, and says which sections they are of.
#pragma once

#include "system/operations/bed.hpp"
#include "system/operations/solvers.hpp"

namespace sealring::test {

// --- accounts.cpp
void account_of(client& ca, const software_key<es256>& key);
void external_account(client& ca);
void key_in_use(client& ca);
void key_change_of(client& ca, const std::string& account_url);
void end_of(client& ca);

// --- asynchronous.cpp
void key_change_elsewhere();

// --- orders.cpp
void orders_of(client& ca, const std::string& account_url);
void dates_of(client& ca, std::string_view name);
void list_of_orders(client& ca);
void subproblems(client& ca);
void rate_limit(client& ca);
void automatic_renewal(client& ca, by_hand& raw);

// --- authorizations.cpp
void authorization_of(client& ca);
void pre_authorization(client& ca);
void subdomains(client& ca, by_hand& raw);

// --- challenges.cpp
void dns_challenges(client& ca, const std::string& account_url);
void addresses_and_servers(client& ca);
void dns_persist_of_draft_02(client& ca, const std::string& account_url);
void device_attestation(client& ca);

// --- revocation.cpp
void revocation_of(client& ca);
void revocation_by_another(client& ca);
void revocation_lists(client& ca);

}  // namespace sealring::test
