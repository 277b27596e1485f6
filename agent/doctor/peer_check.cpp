#include "agent/doctor/checks.hpp"
#include "agent/text.hpp"

#include <algorithm>

namespace sealring::agent::doctor {

namespace {

/// As the keeper reads it (keeper/rules.cpp): a name or a number, a group's behind "%".
bool means(const std::string& peer, const user& who) {
  if (!peer.starts_with('%')) return peer == who.name || peer == std::to_string(who.uid);
  const auto group = find_group(peer.substr(1));
  return group && (who.gid == *group || std::ranges::find(who.groups, *group) != who.groups.end());
}

}  // namespace

void check_peer(const config& c, const certificate_entry& entry, const user& who, const std::string& of, findings& found) {
  const bool listed = std::ranges::any_of(entry.peers, [&](const std::string& peer) { return means(peer, who); });
  found.push_back({of, "peers", listed,
                   listed ? "lists it"
                          : quote(who.name) + " may not sign with this key: add it to peers of " + quote(entry.name) + " in " +
                                quote(c.file.string()) + " or conf.d, then reload the agent (SIGHUP)"});
}

}  // namespace sealring::agent::doctor
