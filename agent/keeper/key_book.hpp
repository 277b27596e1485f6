// What the keeper remembers of its own: the keys that it made and for what, the account it signs for, and the approvals that
// operators gave.
//
// The token knows ids and labels; this book knows what each is for and which one is in use. It is the keeper's alone: a
// taken-over manager can neither read nor write it. Each change is on disk before the call returns.
#pragma once

#include "agent/failure.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealring::agent {

/// `making`: journalled, perhaps not there. `fresh`: made, and not yet said to be in use. `current`: in use; one a name.
/// `superseded`: servers that still run may want it.
enum class key_state { making, fresh, current, superseded };

struct kept_key {
  std::string name;   ///< of the [[certificate]] or [[key]], or as key_name.hpp says
  std::string label;  ///< CKA_LABEL
  std::string id;     ///< CKA_ID in lower-case hexadecimal
  key_state state = key_state::making;
  std::chrono::sys_seconds since{};  ///< when it came into this state
  bool operator==(const kept_key&) const = default;
};

/// The account of one directory (RFC 8555 section 7.3), as far as its key may be used.
struct kept_account {
  std::string directory;
  bool requested = false;  ///< a newAccount was signed: the first kid after it is pinned
  std::string kid;         ///< the account URL; empty until pinned
  bool operator==(const kept_account&) const = default;
};

/// What an operator allowed: exactly this operation with these parameters, until it expires or is reported done.
struct kept_approval {
  std::uint64_t number = 0;
  std::string operation;
  std::string key;
  std::vector<std::string> parameters;
  std::chrono::sys_seconds expires{};
  bool operator==(const kept_approval&) const = default;
};

/// Not safe for several threads at once: its owner locks.
class key_book {
public:
  using time = std::chrono::sys_seconds;

  /// Reads the book, or begins one where there is none.
  [[nodiscard]] static result<key_book> open(std::filesystem::path file);

  [[nodiscard]] const std::vector<kept_key>& keys() const noexcept { return keys_; }
  [[nodiscard]] const kept_key* find(std::string_view id) const noexcept;
  [[nodiscard]] kept_account account_of(std::string_view directory) const;
  [[nodiscard]] const std::vector<kept_approval>& approvals() const noexcept { return approvals_; }

  /// Before a key is made: its name, label and id.
  [[nodiscard]] result<void> begin(kept_key);
  /// The key is in the token.
  [[nodiscard]] result<void> made(std::string_view id, time now);
  /// The key is in use from now on, and supersedes the one before it.
  [[nodiscard]] result<void> adopt(std::string_view id, time now);
  /// The key is no longer in the token.
  [[nodiscard]] result<void> forget(std::string_view id);

  [[nodiscard]] result<void> remember(const kept_account&);

  /// Keeps an approval under the next number, which it returns. Those that have expired go.
  [[nodiscard]] result<std::uint64_t> approve(kept_approval, time now);
  [[nodiscard]] result<void> finish(std::uint64_t number);

private:
  explicit key_book(std::filesystem::path file) : file_{std::move(file)} {}
  template <class Change>
  result<void> change(Change);
  [[nodiscard]] result<void> write() const;
  kept_key* look_up(std::string_view id) noexcept;

  std::filesystem::path file_;
  std::vector<kept_key> keys_;
  std::vector<kept_account> accounts_;
  std::vector<kept_approval> approvals_;
  std::uint64_t next_approval_ = 1;
};

}  // namespace sealring::agent
