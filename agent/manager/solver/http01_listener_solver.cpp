#include "agent/manager/solver/http01_listener_solver.hpp"

namespace sealring::agent {

result<void> http01_listener_solver::present(const challenge_task& task) {
  const std::lock_guard lock(mutex_);
  if (!listener_) {
    auto opened = http01_listener::open(listen_);
    if (!opened) return opened.error();
    listener_.emplace(*std::move(opened));
  }
  tokens_.add(task.token, task, task.token);
  listener_->add(task.token, task.key_authorization);
  return {};
}

result<void> http01_listener_solver::look(const challenge_task& task) {
  return judge(look_at_resource(lookup_, task, ports_), task, look_, log_);
}

bool http01_listener_solver::clean_up(const challenge_task& task) noexcept try {
  const std::lock_guard lock(mutex_);
  if (!tokens_.remove(task.token, task) || !listener_) return true;
  listener_->remove(task.token);
  if (tokens_.empty()) listener_.reset();
  return true;
} catch (...) {
  return false;  // Out of memory: the token is served for a while more.
}

}  // namespace sealring::agent
