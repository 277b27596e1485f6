// The world that the renewal acts on, as it is: the keeper, CAs, files, servers, and the clock.
#pragma once

#include "agent/manager/deploy/commands.hpp"
#include "agent/manager/issuer.hpp"
#include "agent/manager/renewal_reader.hpp"
#include "agent/manager/watch/watcher.hpp"

namespace sealring::agent {

class acme_world final : public world {
public:
  struct surroundings {
    /// One that answers, waited for. condition::retry_later: there is none.
    std::function<result<std::shared_ptr<const keeper_link>>()> keeper;
    std::shared_ptr<const commands> operators;
    reporter log;
    person ask_person;  ///< is told what to create for a challenge that a person meets
  };
  explicit acme_world(surroundings around) : around_{std::move(around)} {}

  /// The configuration that holds from now on. What is under way goes on with the one before.
  [[nodiscard]] result<void> take(const std::shared_ptr<const config>&);
  [[nodiscard]] std::shared_ptr<const config> settings() const;
  [[nodiscard]] result<std::shared_ptr<const keeper_link>> keeper() const { return around_.keeper(); }

  [[nodiscard]] std::chrono::sys_seconds now() override;
  [[nodiscard]] double chance() override;
  void log(std::string_view line) override { around_.log(line); }

  [[nodiscard]] result<renewal_suggestion> ask(const certificate&) override;
  [[nodiscard]] result<certificate> issue(store&, const issuance&) override;
  [[nodiscard]] bool is_live(const certificate&) override;
  [[nodiscard]] result<void> deploy(const certificate_entry&, const certificate&) override;
  [[nodiscard]] findings check(const certificate&) override;
  void retire(store&, const certificate&) override;

  /// Proves a certificate's names before any order (RFC 8555 section 7.4.1).
  [[nodiscard]] result<void> authorize(store&, const certificate_entry&, const reporter& progress);

private:
  /// What belongs together; never changed once made.
  struct setting {
    std::shared_ptr<const config> settings;
    solvers all_solvers;
    result<watcher> watch;
  };
  [[nodiscard]] std::shared_ptr<const setting> current() const;
  [[nodiscard]] result<void> have_account(const config&, const ca_section&, const keeper_link&, store&,
                                          const reporter& requests);

  surroundings around_;
  mutable std::mutex mutex_;
  std::shared_ptr<const setting> setting_;
  std::mutex making_account_;
  renewal_reader reader_;
};

}  // namespace sealring::agent
