#include "agent/supervisor/servant.hpp"

#include "agent/supervisor/environment.hpp"
#include "agent/supervisor/hand_over.hpp"
#include "agent/supervisor/links.hpp"
#include "agent/text.hpp"

#include <algorithm>

namespace sealring::agent {
namespace {

/// More than a manager has threads that wait.
constexpr std::size_t longest_queue = 64;
/// Other work goes on though a manager asks without end.
constexpr int heard_at_once = 16;

/// What a command does not need to know is not told: the folder of the PIN, above all.
std::vector<std::string> command_environment() {
  auto out = role_environment(own_environment(), false);
  std::erase_if(out, [](const std::string& variable) { return variable.starts_with("CREDENTIALS_DIRECTORY="); });
  return out;
}

std::string title(const request& r, const std::vector<std::string>& also) {
  if (const auto* const deploy = std::get_if<deploy_request>(&r)) {
    std::string out = "reload of " + quote(deploy->name);
    for (const std::string& name : also) out += ", " + quote(name);
    return out;
  }
  const auto& hook = std::get<hook_request>(r);
  return "hook of " + quote(hook.name) + ", " + std::string(to_string(hook.action));
}

}  // namespace

void servant::ask(request what, answered then) {
  const auto same = std::ranges::find(queue_, what, &job::what);
  if (same != queue_.end()) return same->waiting.push_back(std::move(then));
  if (queue_.size() >= longest_queue)
    return then(fail(condition::retry_later, "too many commands wait for their turn; try again later"));
  queue_.push_back({std::move(what), {}, {std::move(then)}});
}

bool servant::hear(int channel) {
  for (int n = 0; n < heard_at_once; ++n) {
    pollfd ready{channel, POLLIN, 0};
    if (::poll(&ready, 1, 0) <= 0) return true;
    const auto got = receive(channel);
    if (!got && got.error().code == condition::retry_later) return false;
    if (!got || !*got) return true;
    auto asked = parse_request((*got)->message);
    if (!asked) {  // no number to answer to: this manager is not ours any more, or has a fault
      if (plan_.log) plan_.log("the manager has sent what is no request");
      continue;
    }
    ask(std::move(asked->what), [channel, number = asked->number](const result<void>& outcome) {
      // One that takes no answers off its channel has stopped waiting for them.
      static_cast<void>(send_message(channel, encode(answer{number, outcome})));
    });
  }
  return true;
}

void servant::forget() {
  queue_.clear();
  current_.waiting.clear();
}

void servant::work(clock::time_point now, bool rest) {
  if (running_) {
    const auto ended = running_->look(now);
    if (!ended) return;
    running_.reset();
    finish(*ended);
  }
  if (!running_ && !queue_.empty() && !rest) start();
}

void servant::start() {
  current_ = std::move(queue_.front());
  queue_.pop_front();
  const auto settings = plan_.settings();
  // Nothing was tried: whoever asks must not take it for a server's refusal.
  if (!settings) return finish(fail(condition::retry_later, settings.error().what));
  if (auto allowed = judge(*settings, current_.what); !allowed) return finish(allowed);
  const auto* const deploy = std::get_if<deploy_request>(&current_.what);
  if (deploy != nullptr) {
    if (auto given = hand_over_files(*settings, deploy->name); !given) return finish(given);
    const auto& reload = settings->find_certificate(deploy->name)->reload;
    if (reload.empty()) return finish({});
    take_along(*settings, reload);
  }
  auto started = prepare(*settings, current_.what);
  if (!started) return finish(started.error());
  running_.emplace(*std::move(started));
}

void servant::take_along(const config& c, const std::vector<std::string>& reload) {
  std::erase_if(queue_, [&](job& one) {
    const auto* const deploy = std::get_if<deploy_request>(&one.what);
    if (deploy == nullptr || !judge(c, one.what) || c.find_certificate(deploy->name)->reload != reload) return false;
    if (!hand_over_files(c, deploy->name)) return false;  // said when its own turn comes
    current_.also.push_back(deploy->name);
    std::ranges::move(one.waiting, std::back_inserter(current_.waiting));
    return true;
  });
}

result<void> servant::hand_over_files(const config& c, const std::string& name) const {
  return plan_.manager ? hand_over(c, *plan_.manager, name) : result<void>();
}

result<command> servant::prepare(const config& c, const request& what) const {
  if (const auto* const deploy = std::get_if<deploy_request>(&what)) {
    const certificate_entry& entry = *c.find_certificate(deploy->name);
    return command::start(entry.reload, command_environment(), entry.reload_timeout);
  }
  const auto& hook = std::get<hook_request>(what);
  auto arguments = c.dns01.hook;
  arguments.insert(arguments.end(), {std::string(to_string(hook.action)), hook.record, hook.value});
  return command::start(arguments, command_environment(), hook_limit);
}

void servant::finish(const result<void>& outcome) {
  const std::string what = title(current_.what, current_.also);
  if (plan_.log) plan_.log(what + ": " + (outcome ? "done" : outcome.error().what));
  const auto waiting = std::exchange(current_.waiting, {});
  if (outcome) {
    for (const auto& then : waiting) then(outcome);
    return;
  }
  const result<void> told = failure{outcome.error().code, what + ": " + outcome.error().what};
  for (const auto& then : waiting) then(told);
}

servant::clock::time_point servant::deadline() const noexcept {
  if (running_) return running_->deadline();
  return queue_.empty() ? clock::time_point::max() : clock::time_point();
}

std::array<pollfd, 2> servant::waits_for() const noexcept {
  return {{{running_ ? running_->pidfd() : -1, POLLIN, 0}, {running_ ? running_->output() : -1, POLLIN, 0}}};
}

result<void> serve(const servant_plan& plan, const request& what) {
  servant one(plan);
  std::optional<result<void>> outcome;
  one.ask(what, [&](const result<void>& r) { outcome = r; });
  while (true) {
    one.work(servant::clock::now());
    if (outcome) return *outcome;
    auto poll = one.waits_for();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(one.deadline() - servant::clock::now()).count();
    static_cast<void>(::poll(poll.data(), poll.size(), static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000))));
  }
}

}  // namespace sealring::agent
