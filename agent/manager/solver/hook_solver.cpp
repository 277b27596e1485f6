#include "agent/manager/solver/hook_solver.hpp"

#include "agent/manager/solver/dns_look.hpp"

namespace sealring::agent {

result<void> hook_solver::present(const challenge_task& task) {
  const auto place = find_place(task, lookup_.asker());
  if (!place) return place.error();
  if (auto ran = run_(task.certificate, true, place->made, place->value); !ran) return ran;
  const std::lock_guard lock(mutex_);
  made_.add(place->key(), task, *place);
  return {};
}

result<void> hook_solver::look(const challenge_task& task) {
  const auto place = find_place(task, lookup_.asker());
  if (!place) return place.error();
  return judge(look_at_record(lookup_, *place, propagation_), task, log_);
}

bool hook_solver::clean_up(const challenge_task& task) noexcept try {
  const auto named = place_of(task);
  if (!named) return true;  // there can be none
  std::optional<dns_place> place;
  {
    const std::lock_guard lock(mutex_);
    if (const auto* made = made_.find(named->key())) place = *made;
    if (!made_.remove(named->key(), task)) return true;
  }
  if (!place) {  // of an earlier process
    auto found = find_place(task, lookup_.asker());
    place = found ? *std::move(found) : *named;
  }
  auto ran = run_(task.certificate, false, place->made, place->value);
  if (!ran && log_) log_(ran.error().what);
  return ran.has_value();
} catch (...) {
  return false;  // Out of memory: the record stays, and says nothing to anybody but the CA.
}

}  // namespace sealring::agent
