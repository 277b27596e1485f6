// Orders and authorizations: from a wish to a certificate, by way of the journal.

#include "agent/manager/ca_conversation.hpp"

#include "agent/wall_clock.hpp"
#include "sealring/x509/chain.hpp"

namespace sealring::agent {

namespace {

std::vector<identifier> identifiers_of(const std::vector<std::string>& domains) {
  std::vector<identifier> names;
  names.reserve(domains.size());
  for (const std::string& domain : domains) names.push_back(parse_identifier(domain).value());  // checked by config
  return names;
}

bool same_names(std::vector<identifier> a, std::vector<identifier> b) {
  std::ranges::sort(a);
  std::ranges::sort(b);
  return a == b;
}

/// RFC 9773 section 5: alreadyReplaced, or a certificate that the CA does not know, does not let us replace, or stumbles over.
bool is_about_replaces(const acme::problem& p) {
  return p.status == 404 || p.is("alreadyReplaced") || p.is("malformed") || p.is("unauthorized") ||
         (p.status == 500 && p.is("serverInternal"));
}

}  // namespace

acme::result<acme::order> ca::conversation::ask_for(const acme::order_request& wanted) {
  auto order = client.new_order(wanted);
  if (order || !order.error().problem || !order.error().problem->is("accountDoesNotExist")) return order;
  if (auto again = register_again(); !again) return acme::failure{again.error().code, again.error().what};
  return client.new_order(wanted);
}

result<acme::order> ca::conversation::new_order(pending_order& journal, const wish& w) {
  acme::order_request wanted{
      .names = identifiers_of(journal.domains), .profile = journal.profile, .replaces = journal.replaces};
  const auto& offers = client.directory();
  if (!offers.profiles.empty() && section.directory != settings.ca.directory && !offers.has_profile(journal.profile))
    wanted.profile.clear();  // the profiles of [ca] are not those of [fallback]
  auto order = ask_for(wanted);
  if (!order && !wanted.replaces.empty() && order.error().problem && is_about_replaces(*order.error().problem)) {
    w.progress("ordering again, as a new certificate: " + order.error().what);
    wanted.replaces.clear();
    journal.replaces.clear();
    if (auto noted = w.note(journal); !noted) return noted.error();
    order = ask_for(wanted);
  }
  if (!order) return from(order.error());
  return *std::move(order);
}

/// An order whose answer was lost, where the CA lists orders (RFC 8555 section 7.1.2.1).
std::optional<acme::order> ca::conversation::find_lost(const pending_order& journal) {
  const auto listed = client.list_orders();
  if (!listed) return std::nullopt;
  constexpr std::size_t most = 50;
  std::size_t looked = 0;
  for (auto url = listed->rbegin(); url != listed->rend() && looked < most; ++url, ++looked) {
    auto order = client.get_order(*url);
    const bool open = order && (order->status == "pending" || order->status == "ready");
    if (open && same_names(order->identifiers, identifiers_of(journal.domains))) return *std::move(order);
  }
  return std::nullopt;
}

/// Which other certificate this order is in the journal of: who asks twice for the same names, as for an ECDSA and an RSA
/// certificate, may get the order that is open (Let's Encrypt). Empty if none.
result<std::string> ca::conversation::other_owner(const pending_order& journal) {
  const auto orders = state.pending_orders();
  if (!orders) return orders.error();
  for (const pending_order& one : *orders)
    if (one.name != journal.name && one.url == journal.url) return one.name;
  return std::string{};
}

/// Notes whose order it is.
result<acme::order> ca::conversation::keep(acme::order order, pending_order& journal, const wish& w) {
  order.identifiers = identifiers_of(journal.domains);
  if (journal.url == order.url) return order;
  journal.url = order.url;
  if (auto noted = w.note(journal); !noted) return noted.error();
  const auto other = other_owner(journal);  // now that it is noted: of two at once, one at least sees the other
  if (!other) return other.error();
  if (other->empty()) return order;
  journal.url.clear();
  if (auto noted = w.note(journal); !noted) return noted.error();
  return fail(condition::retry_later, "the CA gave the order of certificate " + quote(*other) +
                                          " again, for the same names; the turn of " + quote(journal.name) + " is after it");
}

/// The order of the journal, found again, or a new one.
result<acme::order> ca::conversation::take_up(pending_order& journal, bool resumed, const wish& w) {
  if (!journal.url.empty()) {
    auto order = client.get_order(journal.url);
    if (order && order->status != "invalid") {
      w.progress("going on with order " + journal.url);
      return keep(*std::move(order), journal, w);
    }
    // A CA that is busy says nothing about the order, which it may even have issued.
    if (!order && (!order.error().problem || order.error().code == condition::retry_later)) return from(order.error());
    journal.url.clear();  // it has come to nothing, or is forgotten
    if (auto noted = w.note(journal); !noted) return noted.error();
  } else if (resumed) {
    if (auto lost = find_lost(journal)) return keep(*std::move(lost), journal, w);
  }
  w.progress("ordering from " + section.directory);
  auto order = new_order(journal, w);
  if (!order) return order;
  return keep(*std::move(order), journal, w);
}

journalled_solver ca::conversation::solver_for(const certificate_entry& entry, const solvers& all, const reporter& progress) {
  return journalled_solver{{settings, entry, record.url, client.directory().caa_identities, state, all, progress}};
}

result<std::vector<x509::certificate>> ca::obtain(pending_order& journal, const solvers& all, const wish& w) {
  conversation& c = *conversation_;
  auto solver = c.solver_for(w.entry, all, w.progress);
  if (auto clean = solver.take_back_leftovers(); !clean) return clean.error();
  const bool resumed = journal.begun_at != std::chrono::sys_seconds{};
  if (!resumed) {
    journal.begun_at = wall_clock::now();
    if (auto noted = w.note(journal); !noted) return noted.error();
  }
  auto order = c.take_up(journal, resumed, w);
  if (!order) return order.error();
  if (order->status == "pending") {
    w.progress("proving control of " + std::to_string(journal.domains.size()) +
               (journal.domains.size() == 1 ? " name by " : " names by ") + std::string{to_string(w.entry.challenge)});
    if (auto authorized = c.client.authorize(*order, solver); !authorized) return c.from(authorized.error());
    order->status = "ready";
  }
  auto key = w.make_key();
  if (!key) return key.error();
  bytes csr;
  if (order->status == "ready") {
    auto made = x509::make_csr((*key)->signer, order->identifiers);
    if (!made) return c.keys.explain(fail(made.error(), "signing the certification request in the token"));
    csr = *std::move(made);
  }
  w.progress("waiting for the certificate");
  auto finished = c.client.finalize(*order, csr);
  if (!finished) return c.from(finished.error());
  const auto& preferred = w.entry.preferred_chain;
  auto issued = c.client.download(
      *finished, public_key_of_signer((*key)->signer),
      [&](std::span<const x509::certificate> chain) { return preferred.empty() || x509::leads_to{preferred}(chain); });
  if (!issued) return c.from(issued.error());
  if (!preferred.empty() && !x509::leads_to{preferred}(issued->chain))
    w.progress("the CA has no chain to " + preferred + "; its first one is taken");
  return std::move(issued->chain);
}

result<void> ca::authorize(const certificate_entry& entry, const solvers& all, const reporter& progress) {
  conversation& c = *conversation_;
  auto solver = c.solver_for(entry, all, progress);
  if (auto clean = solver.take_back_leftovers(); !clean) return clean;
  acme::order names;
  for (const identifier& id : identifiers_of(entry.domains)) {
    auto made = c.client.new_authorization(id);
    if (!made) return c.from(made.error());
    names.authorizations.push_back(made->url);
  }
  progress("proving control of " + std::to_string(entry.domains.size()) + " name(s) before any order");
  if (auto authorized = c.client.authorize(names, solver); !authorized) return c.from(authorized.error());
  return {};
}

}  // namespace sealring::agent
