#include "agent/manager/solver/dns_place.hpp"

#include "agent/text.hpp"
#include "sealring/acme/challenge.hpp"

namespace sealring::agent {

result<dns_place> place_of(const challenge_task& task) {
  const std::string doing = "cannot name the record for " + quote(task.id.value);
  const auto value = acme::dns01_value(task.key_authorization);
  if (!value) return fail(value.error(), doing);
  if (task.type != challenge_type::dns_account01) {
    std::string name = acme::dns01_name(task.id.value);
    return dns_place{name, name, *value};
  }
  if (task.account_url.empty()) return fail(condition::bad_input, doing + ": dns-account-01 needs the account's URL");
  const auto name = acme::dns_account01_name(task.account_url, task.id.value);
  if (!name) return fail(name.error(), doing);
  return dns_place{*name, *name, *value};
}

result<dns_place> find_place(const challenge_task& task, const dns_asker& ask) {
  auto place = place_of(task);
  if (!place) return place;
  auto made = follow_cnames(place->name, ask);
  if (made) place->made = *std::move(made);
  else if (made.error().code != condition::retry_later) return made.error();
  return place;
}

}  // namespace sealring::agent
