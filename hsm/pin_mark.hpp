// The record of PIN tries: no PIN that a token refused is ever tried on it again, by whatever process, after whatever restart.
//
// One small file per token in the state folder. Before C_Login the PIN's mark is synced to disk as "trying"; success clears it,
// refusal makes it "refused" for good. A try that never ended (a crash, a hang) may be repeated once; then a person is asked. A
// PIN's mark is a salted scrypt of the PIN and the token's identity, so a copy of the same PIN in another file has the same
// mark, and another PIN has its own try.
#pragma once

#include "hsm/descriptor.hpp"
#include "hsm/pin.hpp"

#include <string>
#include <vector>

namespace sealring::inline v0::hsm {

/// One login's permission to try. Holds the lock on the record while it lives, so that two processes never try at once.
class pin_mark {
public:
  /// Says "trying" on disk, or refuses: trouble::pin_refused, pin_unfinished, pin_busy, mark_unusable. `token` is its identity
  /// (manufacturer, model and serial number).
  [[nodiscard]] static result<pin_mark> before_login(const std::filesystem::path& state, std::string_view token, const pin& p);

  /// Whether this record lets the PIN be tried: pin_refused or pin_unfinished where not. Nothing is written, for a record that
  /// is somebody else's; where there is none, it may.
  [[nodiscard]] static result<void> may_try(const std::filesystem::path& state, std::string_view token, const pin& p);

  /// The token took the PIN.
  result<void> accepted();
  /// The token refuses the PIN.
  result<void> refused();
  /// The token did not look at the PIN: as if never tried.
  result<void> not_tried();
  // None of the three: the try stays unfinished.

  /// Forgets all that was refused or unfinished, after a person has changed the token's PIN or reset it.
  [[nodiscard]] static result<void> forget(const std::filesystem::path& state, std::string_view token);

  /// The record's file, for messages.
  [[nodiscard]] static std::filesystem::path file_of(const std::filesystem::path& state, std::string_view token);

private:
  enum class outcome { trying_once, trying_twice, refused };
  struct entry {
    outcome how;
    std::string mark;
  };
  struct record {
    std::string salt;
    std::vector<entry> entries;
  };
  static result<record> read(const std::filesystem::path& file);
  static result<void> judge(outcome before);
  result<void> write() const;
  result<void> settle(std::vector<entry> entries);

  explicit pin_mark(std::filesystem::path file) : file_{std::move(file)} {}

  std::filesystem::path file_;
  descriptor lock_;
  record record_;
  std::string mine_;           // this PIN's mark
  std::vector<entry> before_;  // what the record said before this try
};

}  // namespace sealring::inline v0::hsm
