// Certificates that look after themselves: what is configured and missing, or has not long to live, is issued.
#pragma once

#include "agent/manager/backoff.hpp"
#include "agent/manager/issuer.hpp"

#include <set>

namespace sealring::agent {

/// What a configured certificate needs, with nobody there to ask.
enum class need {
  nothing,
  issue,
  /// A person has revoked it. Whether the name is to be served again is for a person to say.
  operators_word
};

[[nodiscard]] need need_of(const config&, const certificate_entry&, const std::optional<certificate>& held,
                           std::chrono::sys_seconds now);

/// One certificate at a time, each under the lock that commands take too, so that they come in between.
class renewal {
public:
  struct surroundings {
    std::function<const keeper_link*()> keeper;  ///< one that answers, waited for; nullptr: none, or we are to end
    std::function<bool()> stopping;
    std::function<void(std::string_view)> log;
    std::function<void(std::string_view certificate)> published{};  ///< its files are new
  };
  explicit renewal(surroundings around) : around_{std::move(around)} {}

  /// Looks at all that is configured, and does what is needed.
  void look(const config&);
  /// What has failed may be tried again at once: a person has changed something.
  void forget_failures();
  /// When to look again at the latest.
  [[nodiscard]] backoff::clock::time_point next(backoff::clock::time_point now) const;

private:
  enum class went { well, badly, without_keeper };
  void look_at(const config&, const certificate_entry&);
  went issue_one(const config&, const certificate_entry&, store&);
  void note_failure(const std::string& what, const std::string& line);

  surroundings around_;
  backoff failures_;
  std::set<std::string> told_revoked_;  // serials
};

}  // namespace sealring::agent
