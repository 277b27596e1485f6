// A sealring agent for the measurement: this program once more, with a folder, a socket and keys of its own.
#pragma once

#include "agent/client/client_signer.hpp"
#include "bench/child.hpp"
#include "bench/layers.hpp"

#include <atomic>

namespace sealring::bench {

class own_agent {
public:
  /// Starts it and waits until it answers. It does not try what bed.state says was refused, and what it is refused is told
  /// there. Its folder is gone when this is, and its keys are the token's to destroy.
  [[nodiscard]] static result<std::shared_ptr<own_agent>> start(const bed&);
  own_agent(const own_agent&) = delete;
  own_agent& operator=(const own_agent&) = delete;
  ~own_agent();

  const std::string& address() const noexcept { return address_; }
  /// As look_for_keeper() has found it: a worn-out one is followed by another.
  pid_t keeper() const noexcept { return keeper_; }
  /// As it is now; -1: there is none at the moment.
  pid_t look_for_keeper();

  /// What it calls the key of this kind, whose label begins so.
  [[nodiscard]] static std::string name_of(const kind& k) { return std::string{label_prefix} + std::string{k.word}; }
  /// The key of this kind, made the first time.
  [[nodiscard]] result<std::shared_ptr<const client::remote_key>> key(const kind&);

  /// For as many calls at once as its sockets are.
  [[nodiscard]] result<std::shared_ptr<client::connection>> connect() const;

private:
  own_agent(bench_token& token, std::filesystem::path tries) : token_{token}, tries_{std::move(tries)} {}
  result<void> write_configuration(std::span<const std::string> words, agent::audit_sync) const;
  result<void> hand_over_tries();
  result<void> launch();
  void adopt_all() const;
  void bring_back_tries() const;

  bench_token& token_;
  std::filesystem::path tries_;  // the record of PIN tries,
  std::string handed_over_{};    // and what it said
  std::unique_ptr<temporary_folder> folder_{};
  std::string address_{};
  std::unique_ptr<child> process_{};
  std::atomic<pid_t> keeper_ = -1;
  std::shared_ptr<client::connection> link_{};
  std::map<std::string, std::shared_ptr<const client::remote_key>, std::less<>> keys_{};
};

/// bed's, started now if it is not.
[[nodiscard]] result<std::shared_ptr<own_agent>> agent_of(bed&, const kind&);

}  // namespace sealring::bench
