#include "agent/manager/solver/dns_look.hpp"

#include "agent/text.hpp"

#include <algorithm>
#include <thread>

namespace sealring::agent {
namespace {

using kind = finding::kind;

constexpr auto server_patience = std::chrono::seconds(3);  // with one address of one server
constexpr auto first_pause = std::chrono::milliseconds(200);
constexpr std::chrono::milliseconds longest_pause = std::chrono::seconds(5);

struct observed {
  bool answered = false;
  bool shown = false;
  std::string text;
};

observed ask(const endpoint& address, const dns_place& place) {
  const auto answer = dns_ask(address, place.made, dns_type::txt, false, within(server_patience));
  if (!answer) return {false, false, "cannot be asked: " + answer.error().what};
  const auto texts = answer->texts(dns_type::txt);
  const bool shown = std::ranges::find(texts, place.value) != texts.end();
  if (shown) return {true, true, "shows it"};
  // Of a server that knows nothing of the zone, or of one in between that answers for it, nothing can be learnt.
  if (answer->rcode != 0 && answer->rcode != 3) return {false, false, "says " + rcode_text(answer->rcode)};
  if (!answer->authoritative) return {false, false, "does not answer for the zone"};
  if (!texts.empty()) return {true, false, "shows other values only (" + std::to_string(texts.size()) + ")"};
  return {true, false, "does not have it"};
}

// Its addresses are one server's: all that answer must show the record.
observed ask(const name_server& server, const dns_place& place) {
  if (server.addresses.empty()) return {false, false, server.name + " has no address"};
  observed all;
  bool every_one = true;
  for (const auto& address : server.addresses) {
    const auto one = ask(address, place);
    all.answered = all.answered || one.answered;
    every_one = every_one && (one.shown || !one.answered);
    all.text += (all.text.empty() ? "" : ", ") + server.name + " (" + address.address() + ") " + one.text;
  }
  all.shown = all.answered && every_one;
  return all;
}

finding sum_up(const std::vector<observed>& servers, const dns_place& place) {
  std::string text;
  bool any_shown = false, any_lacks = false, any_silent = false;
  for (const auto& s : servers) {
    any_shown = any_shown || s.shown;
    any_lacks = any_lacks || (s.answered && !s.shown);
    any_silent = any_silent || !s.answered;
    text += (text.empty() ? "" : ", ") + s.text;
  }
  const std::string what = "the TXT record " + quote(place.made) + " with the value " + quote(place.value);
  if (any_lacks) return {kind::wrong, what + " cannot be seen at all name servers: " + text};
  if (any_silent)
    return {kind::uncertain, (any_shown ? "not all name servers can be asked for " : "cannot ask for ") + what + ": " + text};
  return {};
}

}  // namespace

finding look_at_record(const dns_lookup& lookup, const dns_place& place, std::chrono::seconds time) {
  const deadline until = within(time);
  const auto zone = zone_of(place.made, lookup.asker());
  if (!zone && zone.error().code != condition::retry_later) return {kind::wrong, zone.error().what};
  if (!zone) return {kind::uncertain, zone.error().what};
  const auto servers = lookup.name_servers(*zone);
  if (!servers) return {kind::uncertain, servers.error().what};
  if (servers->empty()) return {kind::uncertain, "the zone " + quote(*zone) + " has no NS records that can be seen from here"};

  std::vector<observed> seen(servers->size());
  for (auto pause = first_pause;; pause = std::min(pause * 2, longest_pause)) {
    for (std::size_t n = 0; n < seen.size(); ++n)
      if (!seen[n].shown) seen[n] = ask((*servers)[n], place);
    finding now = sum_up(seen, place);
    // A silent server is not waited for: it may never answer us.
    if (now.what != kind::wrong) return now;
    if (std::chrono::steady_clock::now() + pause > until) return now;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace sealring::agent
