// Issuance: from names in the configuration to files in live/NAME. Every step is in the journal before it is taken, so that
// after a crash anywhere the same order goes on with the same key.
#pragma once

#include "agent/manager/ca.hpp"

namespace sealring::agent {

/// What issuance works with; lent.
struct issuer {
  const config& settings;
  const keeper_link& keys;
  store& state;
  const solvers& all_solvers;
  reporter progress{};  ///< may be empty
  reporter requests{};  ///< hears of each HTTP request; may be empty

  /// Obtains the certificate and puts its files in place. On failure live/NAME is as it was. What another attempt can go on
  /// with, an order and its key, is kept in the journal where the failure passes by itself, and destroyed where it does not.
  [[nodiscard]] result<certificate> issue(const issuance&);

  /// Gives an order up that the journal has for this name, with its key.
  [[nodiscard]] result<void> abandon(const std::string& name);

private:
  [[nodiscard]] result<held_key> key_for(const certificate_entry&, pending_order&);
  [[nodiscard]] result<certificate> put_in_place(const certificate_entry&, const pending_order&, const held_key&,
                                                 std::span<const x509::certificate> chain);
  void tell(std::string_view line) const {
    if (progress) progress(line);
  }
};

/// Destroys keys of the name that are not in the files of `live`, as far as the keeper lets them go: not before their drain
/// period is over.
void retire_superseded(const keeper_link&, const store&, const certificate& live);

/// Settles what runs before this one began and did not live to end: keys of accounts, and orders of certificates that are not
/// configured any more. What is younger than `before` is left alone. How many keys were destroyed.
[[nodiscard]] result<std::size_t> settle_leftovers(const config&, const keeper_link&, store&,
                                                   std::chrono::sys_seconds before = std::chrono::sys_seconds::max());

}  // namespace sealring::agent
