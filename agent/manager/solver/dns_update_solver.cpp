#include "agent/manager/solver/dns_update_solver.hpp"

#include "agent/file.hpp"
#include "agent/manager/solver/dns_look.hpp"
#include "agent/text.hpp"

#include <openssl/crypto.h>

namespace sealring::agent {
namespace {

constexpr auto update_patience =
    std::chrono::seconds(10);  // with the primary, which may write its zone to a disk before it answers
constexpr std::size_t longest_secret = 4096;

std::string without_dot(std::string name) {
  if (name.ends_with('.')) name.pop_back();
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name;
}

result<void> read_secret(const std::filesystem::path& file, tsig_key& key) {
  auto text = read_file(file, longest_secret);
  if (!text) return text.error();
  key.secret.reserve(text->size());
  for (const char c : *text)
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') key.secret.push_back(c);
  OPENSSL_cleanse(text->data(), text->size());
  if (!key.secret.empty()) return {};
  return fail(condition::bad_input, quote(file.string()) + " is empty; it must hold the TSIG key's secret, in base64");
}

}  // namespace

result<dns_update_solver::record> dns_update_solver::find_record(const challenge_task& task) const {
  auto place = find_place(task, lookup_.asker());
  if (!place) return place.error();
  std::string zone = settings_.zone;
  if (zone.empty()) {
    auto found = zone_of(place->made, lookup_.asker());
    // Without a resolver, the primary itself may know.
    if (!found && found.error().code == condition::retry_later)
      found = zone_of(place->made, [this](const std::string& name, dns_type type) {
        return dns_ask(server_, name, type, false, within(update_patience));
      });
    if (!found && found.error().code == condition::retry_later)
      return fail(condition::retry_later, "cannot find the zone of " + quote(place->made) + ": " + found.error().what +
                                              "; see that it runs, or set \"zone\" in [dns-01]");
    if (!found) return found.error();
    zone = *std::move(found);
  }
  if (!is_below(place->made, zone))
    return fail(condition::operator_needed, "the record " + quote(place->made) + " is not in the zone " + quote(zone) +
                                                " that [dns-01] names; leave \"zone\" out, and it is found by its SOA record");
  return record{*std::move(place), std::move(zone)};
}

result<void> dns_update_solver::send(const record& r, bool add) const {
  const dns_change change{r.zone, r.place.made, r.place.value, settings_.ttl, add};
  if (settings_.tsig_name.empty() || !settings_.tsig_key_file)
    return dns_update(server_, change, nullptr, within(update_patience));
  tsig_key key;
  key.name = without_dot(settings_.tsig_name);
  key.algorithm = settings_.tsig;
  if (auto read = read_secret(*settings_.tsig_key_file, key); !read) return read;
  return dns_update(server_, change, &key, within(update_patience));
}

result<void> dns_update_solver::present(const challenge_task& task) {
  auto r = find_record(task);
  if (!r) return r.error();
  if (auto sent = send(*r, true); !sent) return sent;
  const std::lock_guard lock(mutex_);
  const auto key = r->place.key();
  made_.add(key, task, *std::move(r));
  return {};
}

result<void> dns_update_solver::look(const challenge_task& task) {
  const auto place = find_place(task, lookup_.asker());
  if (!place) return place.error();
  return judge(look_at_record(lookup_, *place, settings_.propagation), task, log_);
}

bool dns_update_solver::clean_up(const challenge_task& task) noexcept try {
  const auto place = place_of(task);
  if (!place) return true;  // there can be none
  std::optional<record> known;
  {
    const std::lock_guard lock(mutex_);
    if (const auto* made = made_.find(place->key())) known = *made;
    if (!made_.remove(place->key(), task)) return true;
  }
  if (!known) {  // of an earlier process
    auto found = find_record(task);
    if (found) known = *std::move(found);
    else if (log_) log_(found.error().what);
  }
  if (!known) return false;
  auto sent = send(*known, false);
  if (!sent && log_) log_(sent.error().what + "; it does no harm, and is tried again before the next issuance");
  return sent.has_value();
} catch (...) {
  return false;  // Out of memory: the record stays, and says nothing to anybody but the CA.
}

}  // namespace sealring::agent
