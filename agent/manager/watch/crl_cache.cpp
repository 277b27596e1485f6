#include "agent/manager/watch/crl_cache.hpp"

namespace sealring::agent {
namespace {

constexpr std::size_t largest_crl = std::size_t{20} << 20;
constexpr std::chrono::seconds patience{30};
constexpr std::chrono::hours unwanted{48};  // nobody's certificate names it any more

result<x509::crl> read(const std::string& url, const std::string& body, const x509::certificate& issuer) {
  auto list = x509::crl::read(as_bytes(body), largest_crl);
  if (!list) return fail(list.error(), url + ": cannot be read as a CRL");
  // The signature alone: whether the list is current changes with time, and its reader asks that each time.
  if (const auto verified = list->verify(issuer, list->this_update()); !verified) return fail(verified.error(), url);
  return *std::move(list);
}

}  // namespace

crl_cache::answer crl_cache::get(const std::string& url, const x509::certificate& issuer, const std::string& ca_file,
                                 x509::time_point now) {
  const auto e = find(url, issuer, now);
  const std::lock_guard lock{e->mutex};
  if (!is_due(*e, now)) return e->last;
  auto got = fetch(url, {largest_crl, patience, ca_file}, e->tags);
  e->asked_at = now;
  e->last.trouble.clear();
  if (!got) {
    e->last.trouble = got.error().what;
  } else if (!got->unchanged) {
    auto list = read(url, got->body, issuer);
    if (!list) {  // a stranger's list does not replace the issuer's
      e->last.trouble = list.error().what;
    } else if (e->last.list && list->this_update() < e->last.list->this_update()) {
      e->last.trouble = url + ": the CRL is older than the one that was there before";
    } else {
      e->last.list = *std::move(list);
      e->tags = std::move(got->tags);
    }
  }
  return e->last;
}

std::shared_ptr<crl_cache::entry> crl_cache::find(const std::string& url, const x509::certificate& issuer,
                                                  x509::time_point now) {
  const std::lock_guard lock{mutex_};
  auto& found = entries_[{url, issuer.der()}];
  if (!found) {
    found = std::make_shared<entry>();
    std::erase_if(entries_, [&](const auto& one) { return one.second != found && now - one.second->wanted_at > unwanted; });
  }
  found->wanted_at = now;
  return found;
}

bool crl_cache::is_due(const entry& e, x509::time_point now) const {
  if (!e.asked_at || now < *e.asked_at || now - *e.asked_at >= keep_) return true;
  return e.last.list && now > e.last.list->next_update() && *e.asked_at <= e.last.list->next_update();
}

}  // namespace sealring::agent
