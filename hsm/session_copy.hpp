// A key's copy in the token's working memory (C_CopyObject to CKA_TOKEN = false): some tokens sign faster with it, since a
// token object is read anew, or locked, for every signature. SoftHSM's P-256 signatures take two thirds of the time.
//
// A copy is a convenience and never more: a token that refuses it, makes it less well kept than the key, or signs more slowly
// with it, is signed on with the key itself, and no signature fails on a copy's account. Whether it is slower is measured, on
// signatures that are made anyhow: that a token allows copies says nothing of their speed.
//
// It lives in the pool's anchor session (session_pool::borrow_anchor), because a session object dies with its session: one copy
// serves all sessions for as long as any of them can live, where a copy a session would be as many as there are sessions, in
// memory that is scarce, and all made again with each session that is spoilt.
#pragma once

#include "hsm/token_link.hpp"

#include <optional>

namespace sealring::inline v0::hsm {

/// Safe from many threads.
class session_copy {
public:
  explicit session_copy(copy_use use) noexcept
      : state_{use == copy_use::never       ? state::unwanted
               : use == copy_use::automatic ? state::on_trial
                                            : state::wanted} {}

  /// A copy that may be signed with now.
  struct ready {
    CK_OBJECT_HANDLE handle;
    std::uint64_t generation;  ///< of the anchor that it lives in
  };

  /// Whether this signature is to be made with the copy. On trial it is every other one.
  [[nodiscard]] bool wanted() noexcept;

  /// Whether all signatures are made with the copy, or none; nothing while it is on trial.
  [[nodiscard]] std::optional<bool> settled() const noexcept {
    const auto now = state_.load();
    return now == state::on_trial ? std::nullopt : std::optional{now == state::wanted};
  }

  /// The copy, made now from `original` if there is none. Nothing where there cannot be one, now or for good.
  [[nodiscard]] std::optional<ready> get(token_link&, CK_OBJECT_HANDLE original);

  /// What a signature took, with the copy or without. Ends the trial when there were enough of both.
  void took(bool with_copy, std::chrono::nanoseconds) noexcept;

  /// A signature with this copy failed. Another is made after the next recovery, unless two in a row were never good for
  /// anything.
  void failed(const ready&) noexcept;
  /// One was good.
  void worked() noexcept;

  /// A signature with a copy was wrong: none is used any more.
  void refuse() noexcept;

private:
  enum class state { unwanted, on_trial, wanted };
  static constexpr unsigned rounds = 8;  // of each, in turns; the best of them tell, whatever else the machine did meanwhile

  [[nodiscard]] sealring::result<CK_OBJECT_HANDLE> make(token_link&, session& anchor, CK_OBJECT_HANDLE original) const;

  std::atomic<state> state_;
  std::mutex mutex_;  // guards what follows
  std::optional<ready> made_;
  std::uint64_t given_up_ = 0;  // the generation in which no other is made
  unsigned failures_ = 0;       // in a row
  unsigned turn_ = 0;
  struct {
    unsigned count = 0;
    std::chrono::nanoseconds best = std::chrono::nanoseconds::max();
  } trial_[2];
};

}  // namespace sealring::inline v0::hsm
