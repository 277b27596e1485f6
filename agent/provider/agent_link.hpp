// One agent, as all keys that it keeps see it.
#pragma once

#include "agent/client/connection.hpp"

#include <atomic>

namespace sealring::provider {

/// A server waits for us with all its connections, so an agent that has just let a call time out is given much less time for a
/// while: one that hangs costs a deadline now and then, and not one for each handshake.
class agent_link {
public:
  static std::unique_ptr<agent_link> make(const std::vector<std::string>& sockets, uid_t agent, client::milliseconds deadline);

  [[nodiscard]] bool is_to(const std::vector<std::string>& sockets, uid_t agent) const noexcept {
    return sockets_ == sockets && agent_ == agent;
  }

  /// For people: the first place to look for it.
  [[nodiscard]] const std::string& text() const noexcept { return sockets_.front(); }

  [[nodiscard]] client::result<bytes> sign_message(const std::string& key, const wire::sign_request&);
  [[nodiscard]] client::result<bytes> sign_digest(const std::string& key, const wire::sign_request&);
  [[nodiscard]] client::result<wire::describe_reply> describe(const std::string& key);

  agent_link* next = nullptr;  ///< of the context's list

private:
  template <class Call>
  auto timed(Call);

  std::vector<std::string> sockets_;
  uid_t agent_ = 0;
  client::milliseconds deadline_{};
  std::shared_ptr<client::connection> connection_;
  std::atomic<std::chrono::steady_clock::rep> wary_until_{0};
};

}  // namespace sealring::provider
