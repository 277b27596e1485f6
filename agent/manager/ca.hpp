// A CA, as the manager talks to it: the toolkit's client over libcurl, in the name of the account there.
//
// The one place where agent and ACME meet: whoever includes this header compiles neither JSON nor HTTP.
#pragma once

#include "agent/manager/keeper_link.hpp"
#include "agent/manager/renewal.hpp"
#include "agent/manager/solver/solvers.hpp"
#include "sealring/x509/certificate.hpp"

namespace sealring::agent {

struct ca_origins;

/// What a change of the account's key needs an operator's word for, and what it will break.
struct rollover_plan {
  std::string account_key;  ///< what the keeper calls it
  std::string old_key_id;
  std::string old_thumbprint;  ///< RFC 7638
  std::string new_thumbprint;
  std::vector<std::string> consequences;  ///< one line each
};

class ca {
public:
  /// The origins that the CA's directory speaks of. Nothing is signed.
  [[nodiscard]] static result<ca_origins> look(const ca_section&, reporter requests);

  /// Reads the directory and takes up the account that the store knows. Where there is none, one is made: its key in the token
  /// first, destroyed again if the CA refuses. A change of its key that was cut short is brought to its end. `requests` hears
  /// of each HTTP request. The arguments must outlive the object. condition::operator_needed for a CA that uses an origin which
  /// the configuration does not name.
  /// With `settling` false a change of the key stays as it is.
  [[nodiscard]] static result<ca> open(const config&, const ca_section&, const keeper_link&, store&, reporter requests,
                                       bool settling = true);
  /// Forgets an account that was deactivated, if its key is gone already.
  [[nodiscard]] static result<void> forget_given_up(const std::string& directory, const keeper_link&, store&);

  ca(ca&&) noexcept;
  ca& operator=(ca&&) noexcept;
  ~ca();

  [[nodiscard]] const account& record() const noexcept;
  [[nodiscard]] const held_key& key() const noexcept;
  [[nodiscard]] bool account_is_new() const noexcept;

  /// The account's status, from the CA itself (RFC 8555 section 7.1.2).
  [[nodiscard]] result<std::string> ask_status();
  /// The contacts that the configuration has (section 7.3.2).
  [[nodiscard]] result<void> update_contacts();
  /// For ever (section 7.3.6), and its key is destroyed: the next order makes another account. An operator must have approved
  /// both. One that the CA has deactivated already is what was wanted.
  [[nodiscard]] result<void> deactivate();

  /// Makes the new key, and says what is to be approved: "key-change" with both thumbprints, and "retire" of the old key's id.
  /// Asked twice, it answers for the same new key.
  [[nodiscard]] result<rollover_plan> prepare_rollover();
  /// Changes to it (section 7.3.5).
  [[nodiscard]] result<void> roll_over();

  /// Brings an order from wherever it stands to its certificate, and answers the chain, the end entity first. `note` makes a
  /// change of the order durable. `make_key` is called when all names are authorized, so that a name that fails costs no key.
  struct wish {
    const certificate_entry& entry;
    std::function<result<void>(const pending_order&)> note;
    std::function<result<const held_key*>()> make_key;
    reporter progress;
  };
  [[nodiscard]] result<std::vector<x509::certificate>> obtain(pending_order&, const solvers&, const wish&);

  /// Proves the names before any order (section 7.4.1). condition::unsupported where the CA has no newAuthz.
  [[nodiscard]] result<void> authorize(const certificate_entry&, const solvers&, const reporter& progress);

  /// Revokes in the account's name, or by the certificate's own key. `reason` as RFC 5280 section 5.3.1 numbers it.
  [[nodiscard]] result<void> revoke(bytes_view certificate, std::optional<int> reason, const held_key* certificate_key);

private:
  struct conversation;
  explicit ca(std::unique_ptr<conversation>) noexcept;
  std::unique_ptr<conversation> conversation_;
};

}  // namespace sealring::agent
