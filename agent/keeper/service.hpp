// One request in, one reply out: looked up, judged, signed, written to the audit log, answered, in that order.
//
// What may be signed is policy/'s to say, what is remembered key_book's, what is written down audit/'s. This is where they
// meet; it knows nothing of sockets.
#pragma once

#include "agent/keeper/audit/log.hpp"
#include "agent/keeper/hsm_latch.hpp"
#include "agent/keeper/key_book.hpp"
#include "agent/keeper/keyring.hpp"
#include "agent/keeper/policy/policy.hpp"
#include "agent/keeper/server.hpp"
#include "agent/wire/message.hpp"

#include <shared_mutex>

namespace sealring::agent {

/// Safe from many threads.
class service {
public:
  struct plan {
    config settings;
    uid_t owner;                                ///< whose files are believed beside root's
    std::filesystem::path state;                ///< the keeper's own folder
    std::function<void(std::string_view)> log;  ///< one line for the operator
  };

  /// Opens book and audit log, finds the keys that the book knows, destroys what an interrupted run left half made.
  [[nodiscard]] static result<std::unique_ptr<service>> open(plan, keyring);
  ~service();

  /// A request_handler.
  void handle(const client&, const wire::request&, bytes& out);

  /// Reads the operator's files again. If they cannot be believed or understood, the rules stay as they were.
  [[nodiscard]] result<void> reload();

  /// The token fails again and again, and a new process may do better.
  [[nodiscard]] bool worn_out() const noexcept { return latch_.worn_out(); }

  /// A last checkpoint.
  [[nodiscard]] result<void> close();

private:
  struct known_key;
  struct rules;
  struct answer;
  struct call;

  service(plan, keyring, key_book);
  [[nodiscard]] result<void> begin_log();
  [[nodiscard]] result<void> tidy();
  [[nodiscard]] result<std::shared_ptr<const rules>> make_rules(const config&) const;
  [[nodiscard]] result<void> renew_rules();
  [[nodiscard]] std::shared_ptr<const rules> current() const;
  [[nodiscard]] std::shared_ptr<const known_key> take_up(const kept_key&) const;

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
  answer reload(call&);
  answer may_retire(const kept_key&, const rules&, std::chrono::sys_seconds now) const;
  [[nodiscard]] result<void> remember(const policy::verdict&, const std::string& directory);

  plan plan_;
  keyring keys_;
  hsm_latch latch_;
  std::optional<audit::audit_log> audit_;
  std::mutex change_;  // one change of book, files or keys at a time
  key_book book_;
  mutable std::shared_mutex access_;  // guards the pointer that follows, not what it points to
  std::shared_ptr<const rules> rules_;
};

}  // namespace sealring::agent
