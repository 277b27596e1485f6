// The command line's side of control.sock.
#pragma once

#include "agent/control/message.hpp"

#include <filesystem>
#include <memory>

namespace sealring::agent::control {

class client {
public:
  /// Makes sure that somebody listens there, and that it is root or we ourselves; `call` does again, before it sends anything.
  /// condition::retry_later, and only then: nobody listens, so that no agent runs here.
  [[nodiscard]] static result<client> connect(const std::filesystem::path& socket);

  /// What the operation has answered, or why it was refused. `told` is called with each line of its progress.
  /// condition::retry_later too if the manager ended before it had answered. `path` is escaped: see `place`.
  [[nodiscard]] result<json::value> call(std::string_view method, const std::string& path, const json::object& body = {},
                                         const progress& told = {});
  /// Of the last call: it came to no answer, and what it had begun goes on.
  [[nodiscard]] bool cut_short() const noexcept;

  client(client&&) noexcept;
  client& operator=(client&&) noexcept;
  ~client();

private:
  struct state;
  explicit client(std::unique_ptr<state>) noexcept;
  std::unique_ptr<state> state_;
};

/// A name, which has no slash, as a part of a path.
[[nodiscard]] std::string place(std::string_view name);

}  // namespace sealring::agent::control
