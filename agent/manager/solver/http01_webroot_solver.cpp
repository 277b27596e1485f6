#include "agent/manager/solver/http01_webroot_solver.hpp"

namespace sealring::agent {

result<void> http01_webroot_solver::present(const challenge_task& task) {
  const std::lock_guard lock(mutex_);
  const auto made = put_in_webroot(webroot_, task.token, task.key_authorization);
  if (!made) return made.error();
  made_.well_known = made_.well_known || made->well_known;
  made_.acme_challenge = made_.acme_challenge || made->acme_challenge;
  tokens_.add(task.token, task, task.token);
  return {};
}

result<void> http01_webroot_solver::look(const challenge_task& task) {
  return judge(look_at_resource(lookup_, task, ports_), task, look_, log_);
}

bool http01_webroot_solver::clean_up(const challenge_task& task) noexcept try {
  const std::lock_guard lock(mutex_);
  if (!tokens_.remove(task.token, task)) return true;
  // Folders that we have made go with the last file.
  const bool last = tokens_.empty();
  const bool gone = take_from_webroot(webroot_, task.token, task.key_authorization, last ? made_ : made_folders{});
  if (last) made_ = {};
  return gone;
} catch (...) {
  return false;  // Out of memory: the file stays, and says nothing to anybody but the CA.
}

}  // namespace sealring::agent
