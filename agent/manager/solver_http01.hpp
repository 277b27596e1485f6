// The toolkit's challenge_solver (acme/solver.hpp) over our own http-01 listener.
#pragma once

#include "agent/manager/http01.hpp"
#include "sealring/x509/identifier.hpp"

namespace sealring::agent {

class http01_solver {
public:
  /// Listens at once, so that no order is begun in vain where the port cannot be had.
  [[nodiscard]] static result<http01_solver> open(std::string_view listen) {
    auto listener = http01_listener::open(listen);
    if (!listener) return listener.error();
    return http01_solver{*std::move(listener)};
  }

  [[nodiscard]] const auto* choose(const auto& authorization) const noexcept { return authorization.find("http-01"); }

  [[nodiscard]] sealring::result<void> present(const identifier&, const auto& challenge, const std::string& key_authorization) {
    listener_.add(challenge.token, key_authorization);
    return {};
  }

  /// What the listener has been told it serves.
  [[nodiscard]] sealring::result<void> look(const identifier&, const auto&, const std::string&) { return {}; }

  void clean_up(const identifier&, const auto& challenge) noexcept { listener_.remove(challenge.token); }

private:
  explicit http01_solver(http01_listener listener) : listener_{std::move(listener)} {}
  http01_listener listener_;
};

}  // namespace sealring::agent
