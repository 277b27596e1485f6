// Chains: built from certificates in any order, and chosen by the root that they lead to.
#pragma once

#include "sealring/x509/certificate.hpp"

#include <algorithm>

namespace sealring::inline v0::x509 {

namespace detail {

/// A pool may be a stranger's, full of certificates of one name: when so many signatures were checked, no more are, and chains
/// grow no longer and no more than this. Those of the web have two or three members, and a handful of forms.
inline constexpr int signature_limit = 1000;
inline constexpr std::size_t length_limit = 10;
inline constexpr std::size_t chain_limit = 32;

class chain_builder {
public:
  chain_builder(std::span<const certificate> pool, time_point now) : pool_{pool}, now_{now} {}

  /// Every way up from the last of `below`; `below` itself where there is none.
  void extend(const std::vector<certificate>& below) {
    bool is_topmost = true;
    for (const certificate& next : pool_) {
      if (found.size() >= chain_limit) return;
      if (below.size() >= length_limit || !may_follow(below, next)) continue;
      is_topmost = false;
      std::vector<certificate> longer = below;
      longer.push_back(next);
      extend(longer);
    }
    if (is_topmost) found.push_back(below);
  }

  std::vector<std::vector<certificate>> found;

private:
  bool may_follow(std::span<const certificate> below, const certificate& next) {
    // "the maximum number of non-self-issued intermediate certificates that may follow this certificate" (RFC 5280 section
    // 4.2.1.9)
    const auto between = std::ranges::count_if(below.subspan(1), [](const certificate& c) { return !c.is_self_issued(); });
    const auto is_next = [&](const certificate& c) { return c.subject() == next.subject() && c.spki() == next.spki(); };
    return below.back().names_issuer(next) && next.is_ca() && next.valid_at(now_) &&
           std::cmp_less_equal(between, next.path_length().value_or(length_limit)) && std::ranges::none_of(below, is_next) &&
           signatures_++ < signature_limit && below.back().issued_by(next);
  }

  std::span<const certificate> pool_;
  time_point now_;
  int signatures_ = 0;
};

}  // namespace detail

/// Every chain from `leaf` up through CA certificates of `pool` that are valid at the time `now`, each as long as it can be: 32
/// chains of 10 members at most, after 1000 checks of a signature. A chain is no validated path: of names and policies nothing
/// is asked. The leaf alone where the pool has no issuer of it. What servers send ends below the root: leave roots out of the
/// pool for that.
[[nodiscard]] inline std::vector<std::vector<certificate>> build_chains(const certificate& leaf,
                                                                        std::span<const certificate> pool, time_point now) {
  detail::chain_builder builder{pool, now};
  builder.extend({leaf});
  return std::move(builder.found);
}

/// Whether a chain leads to the root that is wanted: a chain_preference for acme::client::download.
class leads_to {
public:
  /// `root` is the common name of the root's subject, or the SHA-256 of its SubjectPublicKeyInfo in hexadecimal (see
  /// certificate::spki_sha256). CAs do not send their roots: by its key, one that was not sent is known only if it is among
  /// `roots`, and by its name always.
  explicit leads_to(std::string root, std::vector<certificate> roots = {}) : root_{std::move(root)}, roots_{std::move(roots)} {
    const auto is_hex = [](char c) { return detail::is_one_of(c, "0123456789abcdefABCDEF"); };
    if (root_.size() == 64 && std::ranges::all_of(root_, is_hex))
      for (char& c : root_) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  }

  [[nodiscard]] bool operator()(std::span<const certificate> chain) const {
    if (chain.empty() || root_.empty()) return false;
    const certificate& top = chain.back();
    // A root, too, names itself as issuer. The key of one that another has cross-signed is still its own.
    if (top.issuer_common_name() == root_ || top.spki_sha256() == root_) return true;
    return std::ranges::any_of(roots_, [&](const certificate& c) { return c.spki_sha256() == root_ && top.issued_by(c); });
  }

private:
  std::string root_;
  std::vector<certificate> roots_;
};

}  // namespace sealring::inline v0::x509
