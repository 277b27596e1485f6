#include "agent/manager/deploy/supervisor_link.hpp"

#include "agent/supervisor/links.hpp"

#include <csignal>

#include <sys/socket.h>

namespace sealring::agent {

void supervisor_link::take(std::string_view message) {
  auto told = parse_answer(message);
  if (!told) return;  // ours by descent: what it says wrongly, a deadline ends
  const std::lock_guard lock(mutex_);
  const auto waiter = waiting_.find(told->number);
  if (waiter == waiting_.end()) return;
  waiter->second = std::move(told->outcome);
  changed_.notify_all();
}

void supervisor_link::gone() {
  const std::lock_guard lock(mutex_);
  gone_ = true;
  changed_.notify_all();
}

result<void> supervisor_link::ask(request what, std::chrono::seconds limit) const {
  const auto until = std::chrono::steady_clock::now() + limit + in_queue_;
  std::unique_lock lock(mutex_);
  const std::uint64_t number = ++last_;
  const auto mine = waiting_.emplace(number, std::nullopt).first;
  // Sent under the lock, and never blocks. An answer that comes at once waits for us to wait.
  auto sent = gone_ ? result<void>() : send_message(channel_, encode(numbered_request{number, std::move(what)}));
  if (sent) changed_.wait_until(lock, until, [&] { return gone_ || mine->second; });
  const auto outcome = std::move(mine->second);
  waiting_.erase(mine);
  if (outcome) return *outcome;
  if (!sent) return sent;
  return fail(condition::retry_later, gone_ ? "the supervisor, which runs the operator's commands, has gone"
                                            : "the supervisor has not answered in time; its log says what it is doing");
}

channel_reader::channel_reader(int channel, supervisor_link& to) : channel_(channel) {
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([channel, &to] {
    while (true) {
      const auto got = receive(channel);
      if (!got) return to.gone();
      if (*got) to.take((*got)->message);
    }
  });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

channel_reader::~channel_reader() {
  ::shutdown(channel_, SHUT_RD);
  thread_.join();
}

}  // namespace sealring::agent
