// The talk with one CA in the name of its account: what ca.cpp, ca_order.cpp and ca_rollover.cpp share, and nobody else
// includes.
#pragma once

#include "agent/key_name.hpp"
#include "agent/manager/acme_failure.hpp"
#include "agent/manager/ca.hpp"
#include "agent/manager/solver/journalled_solver.hpp"
#include "agent/text.hpp"

namespace sealring::agent {

using acme_client = acme::client<key_signer, traced_http>;

struct ca::conversation {
  const config& settings;
  const ca_section& section;
  const keeper_link& keys;
  store& state;
  acme_client client;
  account record;
  held_key key;
  bool is_new = false;
  bool rolled_over = false;  ///< a change of the key has come to its end

  /// A signature that the keeper refused comes through the client as a bare code: the keeper's words say more.
  [[nodiscard]] failure from(const acme::failure& f) const { return keys.explain(agent::from(f)); }

  // ca.cpp
  [[nodiscard]] result<void> register_again();

  // ca_order.cpp
  [[nodiscard]] acme::result<acme::order> ask_for(const acme::order_request&);
  [[nodiscard]] result<acme::order> new_order(pending_order&, const wish&);
  [[nodiscard]] std::optional<acme::order> find_lost(const pending_order&);
  [[nodiscard]] result<std::string> other_owner(const pending_order&);
  [[nodiscard]] result<acme::order> keep(acme::order, pending_order&, const wish&);
  [[nodiscard]] result<acme::order> take_up(pending_order&, bool resumed, const wish&);
  [[nodiscard]] journalled_solver solver_for(const certificate_entry&, const solvers&, const reporter& progress);

  // ca_rollover.cpp
  [[nodiscard]] result<void> settle(const pending_rollover&);
  [[nodiscard]] result<void> find_live_key(const pending_rollover&, const held_key& next);
  [[nodiscard]] result<void> go_on(pending_rollover, const held_key& next);
  [[nodiscard]] result<void> change_key(const held_key& next);
  [[nodiscard]] result<void> take_over(const held_key& next);
  [[nodiscard]] result<void> finish(const pending_rollover&);
};

}  // namespace sealring::agent
