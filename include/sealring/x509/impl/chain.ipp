#pragma once

#include "sealring/x509/chain.hpp"

#include <algorithm>
#include <utility>

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

SEALRING_INLINE std::vector<std::vector<certificate>> build_chains(const certificate& leaf, std::span<const certificate> pool,
                                                                   time_point now) {
  detail::chain_builder builder{pool, now};
  builder.extend({leaf});
  return std::move(builder.found);
}

SEALRING_INLINE leads_to::leads_to(std::string root, std::vector<certificate> roots)
    : root_{std::move(root)}, roots_{std::move(roots)} {
  if (root_.size() == 64 && root_.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos)
    for (char& c : root_) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
}

SEALRING_INLINE bool leads_to::operator()(std::span<const certificate> chain) const {
  if (chain.empty() || root_.empty()) return false;
  const certificate& top = chain.back();
  // A root, too, names itself as issuer. The key of one that another has cross-signed is still its own.
  if (top.issuer_common_name() == root_ || top.spki_sha256() == root_) return true;
  return std::ranges::any_of(roots_, [&](const certificate& c) { return c.spki_sha256() == root_ && top.issued_by(c); });
}

}  // namespace sealring::inline v0::x509
