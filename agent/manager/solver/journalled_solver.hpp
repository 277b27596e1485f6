// The toolkit's challenge_solver (acme/solver.hpp) over the agent's solvers: what is presented is in the journal meanwhile, so
// that after a crash it is taken back. For ca.cpp only.
#pragma once

#include "agent/manager/solver/check_caa.hpp"
#include "agent/manager/solver/solvers.hpp"
#include "agent/manager/store.hpp"
#include "sealring/acme/solver.hpp"

namespace sealring::agent {

class journalled_solver {
public:
  struct surroundings {
    const config& settings;
    const certificate_entry& entry;
    std::string account_url;
    std::vector<std::string> caa_identities;  ///< of the CA's directory
    store& state;
    const solvers& all;
    note log;
  };
  explicit journalled_solver(surroundings around) : around_{std::move(around)} {}

  [[nodiscard]] const acme::challenge* choose(const acme::authorization& a) {
    const auto* found = a.find(to_string(type_for(around_.entry, a.identifier)));
    if (found != nullptr && a.wildcard) wildcards_.push_back(found->token);
    return found;
  }

  [[nodiscard]] acme::result<void> present(const identifier& id, const acme::challenge& c,
                                           const std::string& key_authorization) {
    const auto task = task_of(id, c, key_authorization);
    const bool wildcard = std::ranges::find(wildcards_, c.token) != wildcards_.end();
    if (auto allowed =
            check_caa(around_.settings, id, wildcard, around_.caa_identities, around_.account_url, task.type, around_.log);
        !allowed)
      return of(allowed.error());
    auto found = around_.all.solver_for(around_.entry, task.id);
    if (!found) return of(found.error());
    if (auto put = around_.state.put(record_of(task)); !put) return of(put.error());
    if (auto presented = (*found)->present(task); !presented) {
      take_back(task);
      return of(presented.error());
    }
    return {};
  }

  [[nodiscard]] acme::result<void> look(const identifier& id, const acme::challenge& c, const std::string& key_authorization) {
    const auto task = task_of(id, c, key_authorization);
    auto found = around_.all.solver_for(around_.entry, task.id);
    if (!found) return of(found.error());
    if (auto seen = (*found)->look(task); !seen) return of(seen.error());
    return {};
  }

  void clean_up(const identifier& id, const acme::challenge& c) noexcept {
    for (const challenge_task& task : shown_)
      if (task.id == id && task.token == c.token) take_back(task);
  }

  /// A person has still to do something; it goes on when that can be seen.
  [[nodiscard]] bool keeps() const noexcept { return around_.entry.manual; }

  /// What an earlier process presented and did not take back.
  [[nodiscard]] result<void> take_back_leftovers() {
    auto left = around_.state.pending_challenges(around_.entry.name);
    if (!left) return left.error();
    for (const pending_challenge& one : *left) {
      const auto type = parse<challenge_type>(one.type);
      const auto id = parse_identifier(one.identifier);
      if (type && id && !around_.entry.manual)
        take_back({one.certificate, *id, *type, one.token, one.key_authorization, one.account_url});
      else if (auto erased = around_.state.erase(one); !erased) return erased;
    }
    return {};
  }

private:
  static acme::failure of(const failure& f) { return {f.code, f.what, {}, f.retry_after}; }

  challenge_task task_of(const identifier& id, const acme::challenge& c, const std::string& key_authorization) {
    const auto known = std::ranges::find(shown_, c.token, &challenge_task::token);
    if (known != shown_.end()) return *known;
    return shown_.emplace_back(challenge_task{around_.entry.name, id, *parse<challenge_type>(c.type), c.token,
                                              key_authorization, around_.account_url});
  }

  static pending_challenge record_of(const challenge_task& t) {
    return {t.certificate, std::string{to_string(t.type)}, t.id.value, t.token, t.key_authorization, t.account_url};
  }

  /// As it was presented: the entry's `challenge` may be another by now. What stays is tried again before the next issuance.
  void take_back(const challenge_task& task) noexcept {
    solver* const by = around_.all.find(task.type);
    if (around_.entry.manual || (by != nullptr && by->clean_up(task))) static_cast<void>(around_.state.erase(record_of(task)));
  }

  surroundings around_;
  std::vector<std::string> wildcards_;  // tokens
  std::vector<challenge_task> shown_;
};

}  // namespace sealring::agent
