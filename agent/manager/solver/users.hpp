// Who needs what was presented. Certificates may share a name, and the CA then a challenge: what one has done with, the other
// may still need.
#pragma once

#include "agent/manager/solver/challenge_task.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace sealring::agent {

/// `Made` is what was made for a key: by it, it is taken back. Not safe from several threads at once.
template <class Made>
class users {
public:
  void add(const std::string& key, const challenge_task& task, Made made) {
    auto& one = all_[key];
    one.made = std::move(made);
    one.who.insert(task.certificate);
  }

  /// Whether nobody else needs it; also if nobody is known to have presented it.
  [[nodiscard]] bool remove(const std::string& key, const challenge_task& task) {
    const auto found = all_.find(key);
    if (found == all_.end()) return true;
    found->second.who.erase(task.certificate);
    if (!found->second.who.empty()) return false;
    all_.erase(found);
    return true;
  }

  [[nodiscard]] const Made* find(const std::string& key) const {
    const auto found = all_.find(key);
    return found == all_.end() ? nullptr : &found->second.made;
  }

  /// Whether somebody else has this made for another key.
  [[nodiscard]] bool others_have(const Made& made, const std::string& key, const challenge_task& task) const {
    return std::ranges::any_of(all_, [&](const auto& one) {
      const auto& who = one.second.who;
      return one.first != key && one.second.made == made && who.size() > who.count(task.certificate);
    });
  }

  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }

private:
  struct use {
    Made made{};
    std::set<std::string> who;
  };
  std::map<std::string, use> all_;
};

}  // namespace sealring::agent
