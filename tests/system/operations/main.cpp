// Every operation of RFC 8555 and its relatives, by the toolkit alone, against a CA that has it: all of them in requests as
// sections 6, 6.1, 6.2, 6.3 and 6.5 of RFC 8555 have them.
//
// usage: operations pebble|pebble_2.4|bound|scripted     in a test bed, whose environment says where the CA is
#include "system/operations/operations.hpp"

using namespace sealring::test;

namespace {

/// What Pebble has.
void pebble() {
  const auto key = fresh_key();
  client ca = connect(key);
  account_of(ca, key);
  const auto account_url = ca.find_account().value().url;
  orders_of(ca, account_url);
  dates_of(ca, "dated.test");
  authorization_of(ca);
  dns_challenges(ca, account_url);
  addresses_and_servers(ca);
  revocation_of(ca);
  key_in_use(ca);
  key_change_of(ca, account_url);
  key_change_elsewhere();
  end_of(ca);
}

/// What Pebble 2.4 has. To a key that has an account it says serverInternal, and nothing of that account.
void older_pebble() {
  const auto key = fresh_key();
  client ca = connect(key);
  account_of(ca, key);
  const auto account_url = ca.find_account().value().url;
  dates_of(ca, "dated.test");
  authorization_of(ca);
  addresses_and_servers(ca);
  revocation_of(ca);
  key_change_of(ca, account_url);
  end_of(ca);
}

/// What Pebble has only where it demands external accounts.
void bound() {
  client ca = connect(fresh_key());
  external_account(ca);
}

/// What only the scripted CA has, and what it has as well.
void scripted() {
  client ca = connect(fresh_key());
  const auto account = registered(ca);
  by_hand raw{ca, account.url};
  pre_authorization(ca);
  subdomains(ca, raw);
  dates_of(ca, "dated.test");
  automatic_renewal(ca, raw);
  subproblems(ca);
  rate_limit(ca);
  list_of_orders(ca);
  dns_persist_of_draft_02(ca, account.url);
  device_attestation(ca);
  revocation_of(ca);
  revocation_by_another(ca);
  revocation_lists(ca);
  key_in_use(ca);
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string_view which = argc == 2 ? argv[1] : "";
  if (which == "pebble") pebble();
  else if (which == "pebble_2.4") older_pebble();
  else if (which == "bound") bound();
  else if (which == "scripted") scripted();
  else return std::cerr << "usage: operations pebble|pebble_2.4|bound|scripted\n", 2;
} catch (const std::exception& e) {
  std::cerr << "operations: " << e.what() << '\n';
  return 1;
}
