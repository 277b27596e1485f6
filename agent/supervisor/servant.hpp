// Does what requests.hpp asks for: one command at a time, read from the operator's files when its turn comes.
//
// Used by the supervisor for the agent's manager, by root's process for the manager of a command, and by a command that is its
// own manager. It never blocks.
#pragma once

#include "agent/supervisor/command.hpp"
#include "agent/supervisor/requests.hpp"
#include "agent/supervisor/users.hpp"

#include <array>
#include <deque>
#include <functional>

#include <poll.h>

namespace sealring::agent {

struct servant_plan {
  std::function<result<config>()> settings;          ///< the operator's files as they are now
  std::optional<user> manager{};                     ///< whose files are handed over to root; none: it has no other user
  std::function<void(std::string_view line)> log{};  ///< what was run, and what came of it
};

class servant {
public:
  using clock = command::clock;
  using answered = std::function<void(const result<void>&)>;

  explicit servant(servant_plan plan) : plan_(std::move(plan)) {}

  /// Puts it in the queue; what waits there for the same is done once for all. condition::retry_later, at once, if the queue is
  /// full.
  void ask(request, answered);

  /// Takes what has come over a manager's channel, and answers there. False if it has gone.
  [[nodiscard]] bool hear(int channel);

  /// The channel is about to be closed: what is in the queue goes, and nobody waits any more for what runs.
  void forget();

  /// Ends what has ended or must, and starts the next unless it is to rest.
  void work(clock::time_point now, bool rest = false);

  [[nodiscard]] bool busy() const noexcept { return running_.has_value(); }
  /// When `work` must be called at the latest; and what may be readable before.
  [[nodiscard]] clock::time_point deadline() const noexcept;
  [[nodiscard]] std::array<pollfd, 2> waits_for() const noexcept;

private:
  struct job {
    request what;
    std::vector<std::string> also;  ///< certificates whose files the same run of a command tells of
    std::vector<answered> waiting;
  };
  void start();
  /// Those in the queue that wait for the same command, and whose files are in their places.
  void take_along(const config&, const std::vector<std::string>& reload);
  result<command> prepare(const config&, const request&) const;
  result<void> hand_over_files(const config&, const std::string& name) const;
  void finish(const result<void>&);

  servant_plan plan_;
  std::deque<job> queue_;
  job current_{};
  std::optional<command> running_;
};

/// One request, from its beginning to its end.
[[nodiscard]] result<void> serve(const servant_plan&, const request&);

}  // namespace sealring::agent
