// Keys, peers, worlds, and requests captured from the real makers of such messages: our ACME client, our CSRs, libssl.
#pragma once

#include "agent/keeper/policy/policy.hpp"
#include "unit/support.hpp"

#include <array>
#include <memory>

namespace sealring::test {

namespace policy = agent::policy;

struct sample {
  std::string label;
  const policy::key_rules* key;
  algorithm_id algorithm;
  bytes payload;
  policy::peer from;
  std::size_t world;
  policy::request::type kind = policy::request::type::sign_message;
};

/// Which world a sample is judged in.
enum : std::size_t { fresh, due, pinned, approved, expired, narrow, world_count };

/// A key with all that its rules speak of.
struct scene_key {
  any_public_key public_key;
  bytes spki;
  std::vector<std::string> names;
  policy::key_rules rules;
};

struct scene {
  std::vector<std::unique_ptr<scene_key>> keys;
  std::array<std::vector<policy::account_rules>, world_count> accounts;  // [ca]'s, then [fallback]'s
  std::vector<policy::approval> approvals;
  std::vector<policy::approval> none;
  std::vector<sample> samples;

  [[nodiscard]] const policy::key_rules& key(std::string_view name) const;
  [[nodiscard]] policy::world world(std::size_t) const;
  [[nodiscard]] policy::verdict judge(const sample&) const;
  /// The sample with that label.
  [[nodiscard]] const sample& operator[](std::string_view label) const;
};

inline constexpr std::chrono::sys_seconds noon{std::chrono::seconds{1'800'000'000}};
inline const policy::peer web_server{.uid = 33, .gid = 33};
inline const policy::peer in_group{.uid = 1000, .gid = 1000, .groups = {27, 44}};
inline const policy::peer stranger{.uid = 65534, .gid = 65534};
inline const policy::peer manager{.uid = 990, .gid = 990, .via = policy::channel::manager};
inline const policy::peer one_user{.uid = 33, .gid = 33, .via = policy::channel::manager};

/// Made once a process.
const scene& the_scene();

}  // namespace sealring::test
