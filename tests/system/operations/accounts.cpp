// Accounts, from the directory to their end.
#include "sealring/base64url.hpp"
#include "system/operations/operations.hpp"

namespace sealring::test {

/// Sections 7.1.1, 7.1.2, 7.3, 7.3.1 and 7.3.2.
void account_of(client& ca, const software_key<es256>& key) {
  demand(to_json(ca.directory()) == ca.directory().source, "the directory is not written back as it was sent");
  done("directory");

  client stranger = connect(key);
  demand_refused(stranger.find_account(), "accountDoesNotExist");
  const auto made = registered(ca);
  demand(stranger.find_account().value().url == made.url, "another account is found");
  done("newAccount, and onlyReturnExisting");

  const auto updated = ca.update_account(std::vector<std::string>{"mailto:other@example.test"}).value();
  demand(updated.contact == std::vector<std::string>{"mailto:other@example.test"}, "the contact is not the new one");
  demand(to_json(updated) == updated.source, "the account is not written back as it was sent");
  done("account update");
}

/// Section 7.3.4.
void external_account(client& ca) {
  demand(ca.directory().external_account_required, "no external account is required");
  demand_refused(ca.register_account({.terms_of_service_agreed = true}), "externalAccountRequired");
  jose::hmac_key mac{environment("EAB_KID"), base64url_decode<secret_bytes>(environment("EAB_KEY")).value(),
                     jose::hmac_algorithm::hs256};
  jose::hmac_key wrong = mac;
  wrong.secret.front() ^= 1;
  demand(!ca.register_account({.terms_of_service_agreed = true, .external_account = &wrong}), "any key binds an account");
  const auto made = ca.register_account({.terms_of_service_agreed = true, .external_account = &mac}).value();
  demand(made.status == "valid" && ca.find_account().value().url == made.url, "there is no account");
  done("newAccount that is bound to an external account");
}

/// Section 7.3.5. Pebble 2.10.0 answers 200 here, and changes nothing.
void key_in_use(client& ca) {
  client other = connect(fresh_key());
  const auto another = registered(other);
  const auto refused = ca.change_key(other.account_key());
  demand(refused.error().code == acme::errc::key_in_use, "the key of another account: " + refused.error().what);
  demand(refused.error().location == another.url, "the account that is in the way is not told");
  ca.new_order(names_of({"still-here.test"})).value();  // by the key it had
  done("rollover to a key that has an account, refused");
}

/// Section 7.3.5.
void key_change_of(client& ca, const std::string& account_url) {
  const auto key = fresh_key();
  client before = connect(ca.account_key());
  ca.change_key(key).value();
  demand(connect(key).find_account().value().url == account_url, "the account is not the new key's");
  demand_refused(before.find_account(), "accountDoesNotExist");
  done("key rollover");
}

/// Section 7.3.6.
void end_of(client& ca) {
  demand(ca.deactivate_account().value().status == "deactivated", "the account is not deactivated");
  demand_refused(ca.new_order(names_of({"late.test"})), "unauthorized");
  done("account deactivation");
}

}  // namespace sealring::test
