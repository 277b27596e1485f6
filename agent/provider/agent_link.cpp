#include "agent/provider/agent_link.hpp"

#include <algorithm>

namespace sealring::provider {

using clock = std::chrono::steady_clock;

namespace {

/// In less no agent could answer.
constexpr client::milliseconds shortest{5};

}  // namespace

std::unique_ptr<agent_link> agent_link::make(const std::vector<std::string>& sockets, uid_t agent,
                                             client::milliseconds deadline) {
  // Root may stand in for whoever the agent runs as: it can do so anyhow.
  auto connection = client::connection::to(sockets, {.deadline = deadline, .peers = std::vector<uid_t>{agent, 0}});
  if (!connection) return nullptr;
  auto made = std::make_unique<agent_link>();
  made->sockets_ = sockets;
  made->agent_ = agent;
  made->deadline_ = deadline;
  made->connection_ = *std::move(connection);
  return made;
}

template <class Call>
auto agent_link::timed(Call call) {
  const bool wary = clock::now().time_since_epoch().count() < wary_until_.load(std::memory_order_relaxed);
  auto answer = call(wary ? std::max(deadline_ / 16, shortest) : deadline_);
  if (answer) {  // also one that had its time before another's ran out
    if (wary_until_.load(std::memory_order_relaxed) != 0) wary_until_.store(0, std::memory_order_relaxed);
  } else if (!wary && answer.error().code == wire::errc::timed_out) {
    wary_until_.store((clock::now() + deadline_).time_since_epoch().count(), std::memory_order_relaxed);
  }
  return answer;
}

client::result<bytes> agent_link::sign_message(const std::string& key, const wire::sign_request& r) {
  return timed([&](auto limit) { return connection_->sign_message(key, r, limit); });
}

client::result<bytes> agent_link::sign_digest(const std::string& key, const wire::sign_request& r) {
  return timed([&](auto limit) { return connection_->sign_digest(key, r, limit); });
}

client::result<wire::describe_reply> agent_link::describe(const std::string& key) {
  return timed([&](auto limit) { return connection_->describe(key, limit); });
}

}  // namespace sealring::provider
