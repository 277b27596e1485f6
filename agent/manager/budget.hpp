// A CA's rate limits, kept by us, so that they are never met: who runs into them waits longer than who keeps them.
#pragma once

#include "agent/config.hpp"
#include "agent/manager/store.hpp"

#include <span>

namespace sealring::agent {

/// [ca] rate-limits, or what sealring knows of this directory's CA: Let's Encrypt's, and no other's.
[[nodiscard]] std::span<const rate_limit> limits_of(const ca_section&);

/// When fewer than `most` lie within such a period; nothing if they do now. `counted`: what happened within it, the oldest
/// first.
[[nodiscard]] std::optional<std::chrono::sys_seconds> free_from(std::span<const std::chrono::sys_seconds> counted,
                                                                std::size_t most, std::chrono::seconds period);

/// From when an order for these names is within the limits; nothing if it is now.
[[nodiscard]] result<std::optional<std::chrono::sys_seconds>> free_from(const store&, const ca_section&,
                                                                        const std::vector<std::string>& domains,
                                                                        std::chrono::sys_seconds now);

/// What happened, so that it counts. A renewal in the window that the CA suggests, and that says what it replaces, is exempt
/// with Let's Encrypt, and with others told to be by leaving the limit out: it is not to be counted.
[[nodiscard]] result<void> count_order(store&, const ca_section&, std::chrono::sys_seconds now);
[[nodiscard]] result<void> count_certificate(store&, const ca_section&, const std::vector<std::string>& domains,
                                             std::chrono::sys_seconds now);
[[nodiscard]] result<void> count_failure(store&, const ca_section&, const std::vector<std::string>& domains,
                                         std::chrono::sys_seconds now);

/// The domain that somebody has registered (Public Suffix List): "example.co.uk" of "www.example.co.uk". An address is its own;
/// one of IPv6 stands for its /64.
[[nodiscard]] std::string registered_domain(const std::string& name);

/// Whether to renew it already would be in the first third of its life.
[[nodiscard]] bool is_hasty(const certificate&, std::chrono::sys_seconds now);
/// A CA whose windows are all in the past wants each new certificate renewed at once. It gets three within a quarter of their
/// life, a day at most: when the next may be.
[[nodiscard]] result<std::optional<std::chrono::sys_seconds>> free_from_haste(const store&, const certificate&,
                                                                              std::chrono::sys_seconds now);
[[nodiscard]] result<void> count_haste(store&, const certificate& replaced, std::chrono::sys_seconds now);

}  // namespace sealring::agent
