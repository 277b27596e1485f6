// The agent's memory, in an SQL database.
//
// Every function is one transaction: after a crash it has happened or it has not. One store is used by one thread at a time;
// several processes may open the same database.
#pragma once

#include "agent/failure.hpp"
#include "agent/manager/record.hpp"

#include <memory>
#include <string_view>

namespace sealring::agent {

class store {
public:
  /// Opens "sqlite3://PATH", making the file (mode 0600) and its tables where they are missing. condition::unsupported for
  /// another kind of database, or a schema that a later sealring wrote; operator_needed if the file or its folder cannot be
  /// used.
  [[nodiscard]] static result<store> open(std::string_view url);

  store(store&&) noexcept;
  store& operator=(store&&) noexcept;
  ~store();

  [[nodiscard]] result<std::optional<account>> find_account(std::string_view directory) const;
  [[nodiscard]] result<std::vector<account>> accounts() const;
  [[nodiscard]] result<void> put(const account&);
  [[nodiscard]] result<void> erase_account(std::string_view directory);

  /// The one issued last under this name.
  [[nodiscard]] result<std::optional<certificate>> find_certificate(std::string_view name) const;
  /// The one issued last of each name, by name.
  [[nodiscard]] result<std::vector<certificate>> certificates() const;
  /// All that a name had, the last first.
  [[nodiscard]] result<std::vector<certificate>> generations(std::string_view name) const;
  /// A new serial becomes the last of its name; a known one is changed in its place.
  [[nodiscard]] result<void> put(const certificate&);
  [[nodiscard]] result<void> erase_certificate(std::string_view name, std::string_view serial);

  // The journal: write each record *before* the step that it names is taken.

  [[nodiscard]] result<void> put(const pending_key&);
  [[nodiscard]] result<std::vector<pending_key>> pending_keys() const;
  [[nodiscard]] result<void> erase_pending_key(std::string_view id);

  [[nodiscard]] result<void> put(const pending_order&);
  [[nodiscard]] result<std::optional<pending_order>> find_pending_order(std::string_view name) const;
  [[nodiscard]] result<std::vector<pending_order>> pending_orders() const;
  [[nodiscard]] result<void> erase_pending_order(std::string_view name);

  [[nodiscard]] result<void> put(const pending_challenge&);
  [[nodiscard]] result<std::vector<pending_challenge>> pending_challenges(std::string_view certificate) const;
  [[nodiscard]] result<void> erase(const pending_challenge&);

  [[nodiscard]] result<void> put(const pending_revocation&);
  [[nodiscard]] result<std::vector<pending_revocation>> pending_revocations() const;
  [[nodiscard]] result<void> erase(const pending_revocation&);

  [[nodiscard]] result<void> put(const pending_rollover&);
  [[nodiscard]] result<std::optional<pending_rollover>> find_pending_rollover(std::string_view directory) const;
  [[nodiscard]] result<void> erase_pending_rollover(std::string_view directory);

  /// Whether an account, a certificate, present or past, or the journal names the key.
  [[nodiscard]] result<bool> refers_to_key(std::string_view id) const;

  [[nodiscard]] result<void> put(const upkeep&);
  [[nodiscard]] result<std::optional<upkeep>> find_upkeep(std::string_view name) const;
  [[nodiscard]] result<std::vector<upkeep>> upkeeps() const;
  [[nodiscard]] result<void> erase_upkeep(std::string_view name);

  // What a CA counts against its rate limits: budget.hpp gives the words their meaning.

  [[nodiscard]] result<void> count(std::string_view directory, std::string_view what, std::string_view subject,
                                   std::chrono::sys_seconds at);
  /// When it was counted, since then; the oldest first.
  [[nodiscard]] result<std::vector<std::chrono::sys_seconds>> counted(std::string_view directory, std::string_view what,
                                                                      std::string_view subject,
                                                                      std::chrono::sys_seconds since) const;
  [[nodiscard]] result<void> forget_counted(std::chrono::sys_seconds before);

private:
  struct database;
  explicit store(std::unique_ptr<database>) noexcept;
  std::unique_ptr<database> database_;
};

}  // namespace sealring::agent
