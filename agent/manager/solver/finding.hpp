// What a look at a challenge has found.
#pragma once

#include "agent/manager/solver/solver.hpp"

#include <string>

namespace sealring::agent {

struct finding {
  enum class kind {
    seen,      ///< as it must be
    wrong,     ///< the CA would refuse it too
    uncertain  ///< nothing that can be judged from here: a firewall, a router that does not lead back to us, no DNS
  };
  kind what = kind::seen;
  std::string text;  ///< one line for a person, unless it was seen

  [[nodiscard]] bool seen() const noexcept { return what == kind::seen; }
};

/// Only what is surely wrong stops us; the rest is for the log.
[[nodiscard]] inline result<void> judge(const finding& f, const challenge_task& task, const note& log) {
  const std::string about = std::string(to_string(task.type)) + " for " + task.id.value + ": " + f.text;
  if (f.what == finding::kind::wrong) return fail(condition::operator_needed, about);
  if (f.what == finding::kind::uncertain && log) log(about + "; going on, for the CA may see more than this machine does");
  return {};
}

/// The same where a key may say that this machine does not see what the CA does: `final` is "look" in the section of the type.
[[nodiscard]] inline result<void> judge(finding f, const challenge_task& task, bool final, const note& log) {
  if (f.what != finding::kind::wrong) return judge(f, task, log);
  if (final) f.text += "; if only this machine sees it so, set look = false in [" + std::string(to_string(task.type)) + "]";
  else f.what = finding::kind::uncertain;
  return judge(f, task, log);
}

}  // namespace sealring::agent
