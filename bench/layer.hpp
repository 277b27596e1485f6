// A way to have a message signed, from the bare library up to an agent: what is measured, and what it is measured against.
#pragma once

#include "bench/kind.hpp"

#include <chrono>
#include <functional>
#include <memory>

#include <sys/types.h>

namespace sealring::bench {

using clock = std::chrono::steady_clock;

/// What one thread signs with. Not for two threads at once.
class worker {
public:
  worker() = default;
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  virtual ~worker() = default;

  /// In the algorithm's own encoding (r||s for ECDSA). The message may be overwritten afterwards.
  using done = std::function<void(sealring::result<bytes>)>;

  /// Signs, or begins to: `then` is called before this returns, or by wait().
  virtual void sign(bytes_view message, done then) = 0;

  /// Calls the `then` of what has been signed meanwhile; waits until there is at least one, or until then.
  virtual void wait(clock::time_point) {}
};

/// One call at a time, which blocks.
class blocking_worker final : public worker {
public:
  using call = std::function<sealring::result<bytes>(bytes_view message)>;
  explicit blocking_worker(call c) : call_{std::move(c)} {}
  void sign(bytes_view message, done then) override { then(call_(message)); }

private:
  call call_;
};

/// What is asked of a layer at a time.
struct load_shape {
  unsigned threads = 1;
  unsigned sessions = 0;   ///< PKCS#11 sessions that they share; 0: one each
  unsigned in_flight = 1;  ///< requests a thread has under way, where a layer can have more than one
  bool combined = false;   ///< the token hashes, too
  friend bool operator==(const load_shape&, const load_shape&) = default;
};

/// Bound to one kind. Made once, and asked for workers before each slice.
class layer {
public:
  layer() = default;
  layer(const layer&) = delete;
  layer& operator=(const layer&) = delete;
  virtual ~layer() = default;

  /// Why it has no part in such a load; empty if it has.
  [[nodiscard]] virtual std::string unfit(const load_shape&) const { return {}; }

  /// How many PKCS#11 sessions of this process it holds from prepare() to rest().
  [[nodiscard]] virtual unsigned sessions(const load_shape&) const { return 0; }

  /// Before the workers of one slice are made, on the main thread.
  virtual void prepare(const load_shape&) {}
  /// Gives back what prepare() has taken: after each slice, where a token has few sessions.
  virtual void rest() {}

  /// From any thread. `number` counts the threads of a slice.
  [[nodiscard]] virtual sealring::result<std::unique_ptr<worker>> make_worker(unsigned number) = 0;

  /// What signs in other processes, whose CPU time counts.
  [[nodiscard]] virtual std::vector<pid_t> servers() const { return {}; }

  /// Looks for the keeper of ours that signs, for faults to be made; it gives -1 while there is none. Empty where another
  /// signs.
  [[nodiscard]] virtual std::function<pid_t()> keeper() { return {}; }

  [[nodiscard]] virtual any_public_key public_key() const = 0;

  /// What its workers make is no signature, but something in which one has been verified.
  [[nodiscard]] virtual bool verifies_itself() const { return false; }
};

}  // namespace sealring::bench
