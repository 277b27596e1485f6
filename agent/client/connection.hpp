// A connection to the keeper, for callers that may block.
//
// Every call ends within its deadline, connecting included, in an answer or a typed refusal. A keeper that was restarted is
// found again: what may be asked twice is sent once more within the same deadline.
//
// Safe from many threads, and after fork(). It keeps a few sockets, each used by one call at a time, rather than many calls on
// one: calls in several threads are as many requests that the keeper works on at once, no thread waits for another that reads
// its answer, and a call that times out drops a socket that nobody else needs.
#pragma once

#include "agent/client/socket_pool.hpp"
#include "agent/wire/message.hpp"

#include <functional>
#include <memory>

namespace sealring::inline v0::client {

using std::chrono::milliseconds;

/// What holds for all calls of a connection.
struct settings {
  milliseconds deadline = std::chrono::seconds{2};  ///< of a call that does not name its own
  expected_uids peers{};                            ///< asked of the system before anything is sent on a new socket

  /// Told of each call that fails, with the key's name, before the call returns; from any thread, and must not throw. For
  /// callers who see the code alone (sealring::signer), and want the keeper's words in their log.
  std::function<void(std::string_view key, const refusal&)> on_refusal{};
};

/// Every call to the keeper, for callers that may block. Safe from many threads, and after fork().
class connection {
public:
  using limit = std::optional<milliseconds>;  ///< a call's own deadline

  /// Dials at the first call, each address in turn. errc::bad_address.
  [[nodiscard]] static result<std::shared_ptr<connection>> to(std::span<const std::string> addresses, settings = {});

  /// On a connected socket, of which it becomes the owner. There is one: calls take turns, and it is never dialled again, so
  /// that all calls fail with errc::closed once the peer is gone, once a frame was broken off, and in a child process. An
  /// answer that comes after its call has timed out is left out.
  [[nodiscard]] static std::shared_ptr<connection> on(int fd, settings = {});

  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  /// Who is there, and what it speaks.
  [[nodiscard]] result<wire::hello_reply> hello(limit = {});
  /// What the keeper says of a key: its public half, and what it signs.
  [[nodiscard]] result<wire::describe_reply> describe(std::string_view key, limit = {});
  /// A signature over a message, which the keeper judges: r||s for ECDSA.
  [[nodiscard]] result<bytes> sign_message(std::string_view key, const wire::sign_request&, limit = {});
  /// The same over a digest, for keys whose policy allows it.
  [[nodiscard]] result<bytes> sign_digest(std::string_view key, const wire::sign_request&, limit = {});

  /// errc::lost_answer where it may have been done: list() tells, by the id.
  [[nodiscard]] result<wire::key_facts> generate(std::string_view key, const wire::key_id&, limit = {});
  /// From then on the name means this new key; the one that it meant is superseded.
  [[nodiscard]] result<void> adopt(std::string_view key, const wire::key_id&, limit = {});
  /// errc::lost_answer where it may have been done: list() tells, by the id.
  [[nodiscard]] result<void> retire(std::string_view key, const wire::key_id&, limit = {});
  /// All pages, within one deadline.
  [[nodiscard]] result<std::vector<wire::key_facts>> list(limit = {});

  /// The audit log's checkpoints that the token holds, the newest first.
  [[nodiscard]] result<std::vector<std::string>> anchors(limit = {});

  /// All pages, within one deadline.
  [[nodiscard]] result<wire::statistics_reply> statistics(limit = {});

  /// errc::lost_answer where it may be in force already.
  [[nodiscard]] result<std::uint64_t> approve(const wire::approve_request&, limit = {});
  /// errc::lost_answer where it may have been taken.
  [[nodiscard]] result<void> finish(std::uint64_t number, limit = {});
  /// The keeper reads its policy again.
  [[nodiscard]] result<void> reload(limit = {});

  /// Tells settings::on_refusal, and gives the refusal back: for layers above that find fault with an answer.
  [[nodiscard]] refusal told(std::string_view key, refusal) const;

private:
  connection(std::vector<address>, settings);
  connection(int fd, settings);

  template <wire::operation O>
  result<typename wire::exchange<O>::reply> call(std::string_view key, const typename wire::exchange<O>::request&, instant);
  result<bytes> ask(wire::operation, std::string_view key, bytes_view body, instant deadline);
  instant deadline_of(limit) const;

  const std::vector<address> addresses_;
  const settings settings_;
  socket_pool sockets_;
};

}  // namespace sealring::inline v0::client
