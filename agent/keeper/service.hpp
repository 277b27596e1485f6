// One request in, one reply out: looked up, judged, signed, written to the audit log, answered, in that order.
//
// What may be signed is policy/'s to say, what is remembered key_book's, what is written down audit/'s. This is where they
// meet; it knows nothing of sockets.
#pragma once

#include "agent/keeper/audit/log.hpp"
#include "agent/keeper/hsm_latch.hpp"
#include "agent/keeper/policy/policy.hpp"
#include "agent/keeper/policy/rate_limiter.hpp"
#include "agent/keeper/rules.hpp"
#include "agent/keeper/server.hpp"
#include "agent/keeper/statistics.hpp"
#include "agent/keeper/token_anchor.hpp"
#include "agent/wire/message.hpp"

#include <shared_mutex>

namespace sealring::agent {

struct service_plan {
  std::shared_ptr<const config> settings;
  uid_t owner;                                       ///< whose files are believed, beside root's
  std::optional<uid_t> manager;                      ///< who may do the manager's work by any socket
  std::filesystem::path state;                       ///< the keeper's own folder
  std::function<void(std::string_view)> log;         ///< one line for the operator
  std::function<void(std::string_view why)> outage;  ///< the token is down, and why; empty when it is back. Once for each
};

/// Safe from many threads.
class service {
public:
  /// Opens book and audit log, finds the keys that the book knows, destroys what an interrupted run left half made. A token
  /// that is there and does not sign is as good as none: condition::retry_later.
  [[nodiscard]] static result<std::unique_ptr<service>> open(service_plan, keyring);

  /// A request_handler.
  void handle(const caller&, const arrival&, bytes& out);

  /// When replies have been sent (a spare_time): makes the token ready for the key that signed last.
  void get_ready();

  /// Reads the operator's files again. If they cannot be believed or understood, the rules stay as they were.
  [[nodiscard]] result<void> reload();

  /// The token fails again and again: a new process, with the module loaded anew, may do better.
  [[nodiscard]] bool worn_out() const noexcept { return latch_.worn_out(); }

  /// A last checkpoint, and all of them anchored.
  [[nodiscard]] result<void> close();

private:
  struct call;
  struct answer;

  service(service_plan, keyring, key_book);
  [[nodiscard]] result<void> take_up_keys();
  [[nodiscard]] result<void> begin_log();
  [[nodiscard]] result<std::string> anchored() const;
  [[nodiscard]] failure show_anchor(failure, const std::string& anchored) const;
  [[nodiscard]] sealring::result<void> try_token() const;
  [[nodiscard]] result<void> renew_rules();
  [[nodiscard]] std::shared_ptr<const rules> current_rules() const;

  answer dispatch(call&);
  answer hello(call&);
  answer describe(call&);
  answer sign(call&);
  answer list(call&);
  answer generate(call&);
  answer adopt(call&);
  answer retire(call&);
  answer approve(call&);
  answer finish(call&);
  answer anchors(call&);
  answer statistics(call&);

  sealring::result<bytes> sign_in_token(const call&, const ruled_key&, checking, const wire::sign_request&);
  void note_outage(std::error_code);
  void tell_outage(std::string_view why);
  void count(const call&, const answer&);
  [[nodiscard]] result<void> remember(const policy::verdict&, const std::string& directory, const rules& judged_by);
  [[nodiscard]] result<void> check_room(std::string_view name, const rules&) const;
  [[nodiscard]] bool may_take_over(const kept_key& next, const rules&) const;

  service_plan plan_;
  keyring keys_;
  hsm_latch latch_;
  agent::statistics statistics_;
  policy::rate_limiter limiter_;
  std::optional<token_anchor> anchor_;  // the log's thread calls it
  std::shared_ptr<const known_key> audit_key_;
  std::optional<audit::audit_log> audit_;
  struct used_key {
    std::shared_ptr<const known_key> known;
    algorithm_id algorithm;
  };
  std::mutex spare_;
  std::optional<used_key> used_last_;  // guarded by spare_; nothing where that has been seen to
  std::mutex change_;                  // one change of files, book or keys at a time; guards the two that follow
  key_book book_;
  std::map<std::string, std::shared_ptr<const known_key>> known_;  // by CKA_ID
  mutable std::mutex access_;                                      // guards the pointer, not what it points to
  std::shared_ptr<const rules> rules_;
};

}  // namespace sealring::agent
