// The token under test: opened and logged in to once, with keys of our own that go away again.
#pragma once

#include "agent/config.hpp"
#include "bench/kind.hpp"
#include "hsm/token.hpp"

#include <map>

namespace sealring::bench {

using agent::fail;
using agent::failure;
using agent::result;

/// A failure of the HSM layer as the agent shows them.
[[nodiscard]] failure from(const hsm::failure&);

/// What stands before the labels of our keys.
inline constexpr std::string_view label_prefix = "sealring-bench-";

/// A token of which every function may be called: bare PKCS#11, as a program would do it that has module and PIN. Neither
/// copied nor moved: layers point to it. Safe from many threads but for what changes it.
class bench_token {
public:
  /// Logs in as any other command does: at most one try of a PIN, of which `state` keeps the record. `existing` is the label of
  /// a key to measure instead of one of our own; empty: none.
  [[nodiscard]] static result<std::unique_ptr<bench_token>> open(const agent::hsm_section&, const std::filesystem::path& state,
                                                                 std::string existing);
  bench_token(const bench_token&) = delete;
  bench_token& operator=(const bench_token&) = delete;
  ~bench_token();

  const agent::hsm_section& section() const noexcept { return section_; }
  const hsm::token_info& info() const noexcept { return token_.info(); }
  const std::string& existing() const noexcept { return existing_; }
  const std::shared_ptr<hsm::module>& module() const noexcept { return module_; }
  CK_FUNCTION_LIST& functions() const noexcept { return *functions_; }

  /// How many sessions can be open at a time beside those that are.
  [[nodiscard]] unsigned room() const;

  /// The key of this kind; made in the token the first time.
  [[nodiscard]] result<hsm::key> key(const kind&);
  /// One that somebody has made for us: end() destroys it.
  void adopt(std::string what, bytes id) { ours_[std::move(what)] = std::move(id); }
  /// A data object that an agent of ours has made beside its keys, likewise.
  void adopt_note(std::string label) { notes_.push_back(std::move(label)); }

  /// Another handle on the same token, with sessions of its own.
  [[nodiscard]] result<hsm::token> handle(hsm::token_options) const;

  /// Destroys what is ours and nothing else. What cannot be destroyed is named.
  [[nodiscard]] result<void> end();

private:
  bench_token(agent::hsm_section section, std::shared_ptr<hsm::module> m, hsm::token t, CK_FUNCTION_LIST* f,
              std::string existing)
      : section_{std::move(section)},
        module_{std::move(m)},
        token_{std::move(t)},
        functions_{f},
        existing_{std::move(existing)} {}

  result<void> make_p521(const bytes& id, const std::string& label) const;
  void destroy_note(const std::string& label) const;

  agent::hsm_section section_;
  std::shared_ptr<hsm::module> module_;
  hsm::token token_;
  CK_FUNCTION_LIST* functions_;
  std::string existing_;
  std::map<std::string, bytes, std::less<>> ours_;  // CKA_ID, by the kind's word or what else it is
  std::vector<std::string> notes_;
};

/// Logs a token in, as section and state have it: at most one try of a PIN.
[[nodiscard]] result<void> log_in(const hsm::token&, const agent::hsm_section&, const std::filesystem::path& state);

}  // namespace sealring::bench
