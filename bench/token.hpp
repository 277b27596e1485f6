// The token under test: opened and logged in to once, with keys of our own that go away again.
#pragma once

#include "agent/config.hpp"
#include "bench/histogram.hpp"
#include "bench/kind.hpp"
#include "hsm/token.hpp"

#include <map>
#include <set>

namespace sealring::bench {

using agent::fail;
using agent::failure;
using agent::result;

/// A failure of the HSM layer as the agent shows them.
[[nodiscard]] failure from(const hsm::failure&);

/// What stands before the labels of our keys.
inline constexpr std::string_view label_prefix = "sealring-bench-";

/// What a token was asked beside signatures, and how long that took it.
struct operation {
  std::string name;
  std::string where;  ///< "beside 100 sessions"
  histogram time{};
  std::map<std::string, std::uint64_t> errors{};
};

/// A token of which every function may be called: bare PKCS#11, as a program would do it that has module and PIN. Neither
/// copied nor moved: layers point to it. Safe from many threads but for what changes it.
class bench_token {
public:
  /// Logs in as any other command does: at most one try of a PIN, of which `state` keeps the record. `existing` is the label of
  /// a key to measure instead of one of our own; empty: none. What the record in `keepers` says was refused is not tried
  /// either, and nothing is written there; empty: there is none.
  [[nodiscard]] static result<std::unique_ptr<bench_token>> open(const agent::hsm_section&, const std::filesystem::path& state,
                                                                 std::string existing,
                                                                 const std::filesystem::path& keepers = {});
  bench_token(const bench_token&) = delete;
  bench_token& operator=(const bench_token&) = delete;
  ~bench_token();

  const agent::hsm_section& section() const noexcept { return section_; }
  const hsm::token_info& info() const noexcept { return token_.info(); }
  const std::string& existing() const noexcept { return existing_; }
  const std::shared_ptr<hsm::module>& module() const noexcept { return module_; }

  /// What open() took, for each once: the module's loading and the login.
  const std::vector<operation>& opening() const noexcept { return opening_; }

  /// Whether whoever logs in beside us has to ask a person for the PIN.
  [[nodiscard]] bool asks_a_person() const;

  /// What room() has for more than anybody wants.
  static constexpr unsigned unlimited = 1024;

  /// How many sessions can be open at a time beside those that are.
  [[nodiscard]] unsigned room() const;

  /// The key of this kind; made in the token the first time.
  [[nodiscard]] result<hsm::key> key(const kind&);
  /// One that is made for us, or about to be: end() destroys it.
  void adopt(std::string label, bytes id);
  /// A data object that an agent of ours has made beside its keys, likewise.
  void adopt_note(std::string label);
  /// What may be in the token and cannot be found out: end() names it.
  void give_up(std::string what) { lost_.insert(std::move(what)); }

  /// Another handle on the same token, with sessions of its own.
  [[nodiscard]] result<hsm::token> handle(hsm::token_options) const;

  /// Destroys what is ours and nothing else. All that cannot be destroyed is named.
  [[nodiscard]] result<void> end();

  /// A line that says what of ours is in tokens now, for a signal's handler; nullptr: nothing.
  [[nodiscard]] static const char* remaining() noexcept;

private:
  bench_token(agent::hsm_section section, std::shared_ptr<hsm::module> m, hsm::token t, std::string existing,
              std::vector<operation> opening)
      : section_{std::move(section)},
        module_{std::move(m)},
        token_{std::move(t)},
        existing_{std::move(existing)},
        opening_{std::move(opening)} {}

  result<void> make_p521(const bytes& id, const std::string& label) const;
  CK_RV open_session(CK_SESSION_HANDLE&) const;
  CK_RV destroy_note(const std::string& label) const;
  void tell_remaining() const;

  agent::hsm_section section_;
  std::shared_ptr<hsm::module> module_;
  hsm::token token_;
  std::string existing_;
  std::vector<operation> opening_;
  std::map<std::string, bytes, std::less<>> made_;  // CKA_ID by the kind's word
  std::map<bytes, std::string> ours_;               // label by CKA_ID, of all that may be there
  std::set<std::string> notes_;
  std::set<std::string> lost_;
};

}  // namespace sealring::bench
