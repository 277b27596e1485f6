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

  /// Write this *before* the key is made in the token, so that a crash leaves none that nobody knows.
  [[nodiscard]] result<void> put(const pending_key&);
  [[nodiscard]] result<std::vector<pending_key>> pending_keys() const;
  [[nodiscard]] result<void> erase_pending_key(std::string_view id);
  /// Whether an account or a certificate, present or past, names the key.
  [[nodiscard]] result<bool> refers_to_key(std::string_view id) const;

private:
  struct database;
  explicit store(std::unique_ptr<database>) noexcept;
  std::unique_ptr<database> database_;
};

}  // namespace sealring::agent
