// A sealring agent by its socket, with its rules, its audit log and its sandbox: one request at a time, or many.
#include "agent/client/client_async.hpp"
#include "bench/own_agent.hpp"
#include "hsm/with_algorithm.hpp"

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

namespace sealring::bench {
namespace {

/// As many calls at once as a connection has sockets.
constexpr unsigned threads_a_connection = 16;

class agent_layer : public layer {
public:
  agent_layer(std::shared_ptr<own_agent> to, std::shared_ptr<const client::remote_key> key, algorithm_id algorithm)
      : agent_{std::move(to)}, key_{std::move(key)}, algorithm_{algorithm} {}

  std::string unfit(const load_shape& s) const override {
    if (s.combined) return "an agent hashes itself";
    if (s.sessions != 0) return "an agent has the sessions that it wants";
    return {};
  }

  void prepare(const load_shape& s) override {
    agent_->look_for_keeper();
    while (keys_.size() * threads_a_connection < s.threads) {
      auto key = *key_;
      if (auto link = agent_->connect()) key.keeper = *std::move(link);
      keys_.push_back(std::make_shared<const client::remote_key>(std::move(key)));
    }
  }

  sealring::result<std::unique_ptr<worker>> make_worker(unsigned number) override {
    return std::unique_ptr<worker>{
        std::make_unique<blocking_worker>([this, key = keys_[number / threads_a_connection]](bytes_view message) {
          return key->sign(wire::operation::sign_message, algorithm_, message);
        })};
  }

  std::vector<pid_t> servers() const override {
    agent_->look_for_keeper();
    return {agent_->keeper()};
  }
  std::function<pid_t()> keeper() override {
    return [to = agent_] { return to->look_for_keeper(); };
  }
  any_public_key public_key() const override { return key_->public_key; }

protected:
  std::shared_ptr<own_agent> agent_;
  std::shared_ptr<const client::remote_key> key_;
  algorithm_id algorithm_;

private:
  std::vector<std::shared_ptr<const client::remote_key>> keys_;
};

/// A connection of its own, with many requests under way.
template <algorithm A>
class pipelined_worker final : public worker {
public:
  static sealring::result<std::unique_ptr<worker>> make(const std::string& address, const client::remote_key& key) {
    std::unique_ptr<pipelined_worker> made{new pipelined_worker};
    auto link = client::async_connection::to(made->context_.get_executor(), std::span{&address, 1},
                                             {.deadline = std::chrono::seconds{60}});
    if (!link) return link.error().code;
    const auto* const mine = std::get_if<typename A::public_key>(&key.public_key);
    if (mine == nullptr) return sealring::fail(sealring::errc::wrong_key_type);
    auto bound = client::async_client_signer<A>::make(*std::move(link), key.name, *mine);
    if (!bound) return bound.error();
    made->signer_.emplace(*std::move(bound));
    return std::unique_ptr<worker>{std::move(made)};
  }

  void sign(bytes_view message, done then) override {
    signer_->async_sign_message(message,
                                [then = std::move(then)](std::error_code failed, const typename A::signature& signature) {
                                  if (failed) then(failed);
                                  else then(bytes(signature.begin(), signature.end()));
                                });
  }

  void wait(clock::time_point until) override {
    if (context_.stopped()) context_.restart();
    if (until - clock::now() > std::chrono::milliseconds{50}) {
      if (context_.run_one_until(until) != 0) context_.poll();
      return;
    }
    // For a start that is planned: epoll_wait(2) counts in milliseconds, a timer does not.
    timer_.expires_at(until);
    timer_.async_wait([](std::error_code) {});
    context_.run_one();
    timer_.cancel();
    context_.poll();
  }

private:
  pipelined_worker() = default;
  asio::io_context context_{1};
  asio::steady_timer timer_{context_};
  std::optional<client::async_client_signer<A>> signer_;
};

class pipelined_layer final : public agent_layer {
public:
  using agent_layer::agent_layer;
  void prepare(const load_shape&) override { agent_->look_for_keeper(); }
  sealring::result<std::unique_ptr<worker>> make_worker(unsigned) override {
    return hsm::with_algorithm(algorithm_, [this]<class A>(A) { return pipelined_worker<A>::make(agent_->address(), *key_); });
  }
};

template <class Layer>
result<std::unique_ptr<layer>> make_by_agent(bed& b, const kind& k) {
  auto to = agent_of(b, k);
  if (!to) return to.error();
  auto key = (*to)->key(k);
  if (!key) return key.error();
  return std::unique_ptr<layer>{std::make_unique<Layer>(*std::move(to), *std::move(key), k.algorithm)};
}

}  // namespace

result<std::unique_ptr<layer>> make_agent(bed& b, const kind& k) { return make_by_agent<agent_layer>(b, k); }
result<std::unique_ptr<layer>> make_agent_pipelined(bed& b, const kind& k) { return make_by_agent<pipelined_layer>(b, k); }

}  // namespace sealring::bench
