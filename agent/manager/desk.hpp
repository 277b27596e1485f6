// What operators may ask of the manager: the operations of the control API, and the command line's where no agent runs.
//
// Where a thing needs an operator's approval, he has given it to the keeper before he asks here.
#pragma once

#include "agent/manager/acme_world.hpp"

namespace sealring::agent {

struct revocation_wish {
  std::optional<int> reason{};      ///< RFC 5280 section 5.3.1
  bool by_certificate_key = false;  ///< instead of the account's
  bool replace = false;             ///< obtains and deploys another before
};

struct account_facts {
  account record;
  std::string status;   ///< the CA's word; the record's where it does not answer
  std::string trouble;  ///< why it does not
  wire::key_facts key;
  std::string thumbprint;  ///< RFC 7638
};

/// Safe from several threads.
class desk {
public:
  desk(acme_world& world, renewal& certificates) : world_{world}, certificates_{certificates}, began_{world.now()} {}

  /// The files as they are now, for keeper and manager alike: what the keeper does not take up, neither does. New names wait
  /// for `patience`. A keeper that is yet to be started need not be told.
  [[nodiscard]] result<std::shared_ptr<const config>> reload(const std::filesystem::path& file, bool keeper_runs = true,
                                                             std::chrono::seconds patience = {});
  /// What earlier processes did not bring to an end, and the certificates' own renewal does not: keys without a user, and what
  /// go_on() does. A failure that passes is tried again by whoever called.
  [[nodiscard]] result<void> settle();
  /// The part of it that somebody has asked for: revocations, and changes of an account's key. No keeper is needed where there
  /// are none.
  [[nodiscard]] result<void> go_on();

  /// All that the store holds, configured or not, by name.
  [[nodiscard]] result<std::vector<kept_certificate>> all() const;
  /// condition::bad_input, and the names there are.
  [[nodiscard]] result<kept_certificate> find(const std::string& name) const;

  [[nodiscard]] result<renewal::outcome> issue(const std::string& name, const renewal::order&);
  [[nodiscard]] result<void> authorize(const std::string& name, const reporter& progress);

  /// condition::operator_needed if the certificate's files are not there. One that is revoked already is what was wanted.
  [[nodiscard]] result<certificate> revoke(const std::string& name, const revocation_wish&, const reporter& progress,
                                           const reporter& requests);

  /// At [ca], or at the CA with this directory.
  [[nodiscard]] result<account_facts> account_at(const std::string& directory) const;
  [[nodiscard]] result<void> update_account(const std::string& directory);
  [[nodiscard]] result<void> deactivate_account(const std::string& directory);
  [[nodiscard]] result<rollover_plan> prepare_rollover(const std::string& directory);
  [[nodiscard]] result<void> roll_over(const std::string& directory);

private:
  [[nodiscard]] result<store> open_store() const;
  [[nodiscard]] result<certificate> carry_out(store&, const pending_revocation&, const reporter& progress,
                                              const reporter& requests);
  template <class F>
  auto with_account(const std::string& directory, F use, bool settling = true) const -> decltype(use(std::declval<ca&>()));

  acme_world& world_;
  renewal& certificates_;
  const std::chrono::sys_seconds began_;
};

}  // namespace sealring::agent
