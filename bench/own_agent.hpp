// A sealring agent for the measurement: this program once more, with a folder, a socket and keys of its own.
#pragma once

#include "agent/client/client_signer.hpp"
#include "bench/child.hpp"
#include "bench/layers.hpp"

namespace sealring::bench {

class own_agent {
public:
  /// `words` are those of the kinds that will be asked for. Starts it and waits until it answers. Its folder is gone when this
  /// is, and its keys are the token's to destroy.
  [[nodiscard]] static result<std::shared_ptr<own_agent>> start(bench_token&, std::span<const std::string> words,
                                                                agent::audit_sync);
  own_agent(const own_agent&) = delete;
  own_agent& operator=(const own_agent&) = delete;
  ~own_agent();

  const std::string& address() const noexcept { return address_; }
  pid_t keeper() const noexcept { return keeper_; }

  /// The key of this kind, made the first time.
  [[nodiscard]] result<std::shared_ptr<const client::remote_key>> key(const kind&);

  /// For as many calls at once as its sockets are.
  [[nodiscard]] result<std::shared_ptr<client::connection>> connect() const;

private:
  explicit own_agent(bench_token& token) : token_{token} {}
  result<void> write_configuration(std::span<const std::string> words, agent::audit_sync) const;
  result<void> launch();

  bench_token& token_;
  std::unique_ptr<temporary_folder> folder_{};
  std::string address_{};
  std::unique_ptr<child> process_{};
  pid_t keeper_ = -1;
  std::shared_ptr<client::connection> link_{};
  std::map<std::string, std::shared_ptr<const client::remote_key>, std::less<>> keys_{};
};

/// bed's, started now if it is not.
[[nodiscard]] result<std::shared_ptr<own_agent>> agent_of(bed&, const kind&);

}  // namespace sealring::bench
