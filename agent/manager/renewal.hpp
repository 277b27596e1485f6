// Certificates that look after themselves: what is configured and missing, or has come to its instant, is issued; what is in
// use is deployed, and watched.
//
// The decisions are here and in schedule.hpp and budget.hpp; what they lead to happens in a `world`, which a test can be.
#pragma once

#include "agent/config.hpp"
#include "agent/manager/schedule.hpp"
#include "agent/manager/store.hpp"
#include "agent/manager/watch/findings.hpp"

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>

namespace sealring::agent {

/// Told what happens, one line each; may be empty.
using reporter = std::function<void(std::string_view line)>;

/// An order that is wanted.
struct issuance {
  certificate_entry entry;
  ca_section ca;
  std::optional<certificate> replaced{};  ///< RFC 9773 section 5; nothing for a new one
  reporter progress{};                    ///< either may be empty
  reporter requests{};                    ///< hears of each HTTP request
};

/// Several threads may call each function at once.
class world {
public:
  world() = default;
  world(const world&) = delete;
  world& operator=(const world&) = delete;
  virtual ~world() = default;

  [[nodiscard]] virtual std::chrono::sys_seconds now() = 0;
  /// Uniform in [0, 1).
  [[nodiscard]] virtual double chance() = 0;
  virtual void log(std::string_view line) = 0;

  /// What its CA suggests. condition::unsupported where that suggests nothing.
  [[nodiscard]] virtual result<renewal_suggestion> ask(const certificate&) = 0;
  /// Obtains it, puts its record into the store and its files into live/NAME.
  [[nodiscard]] virtual result<certificate> issue(store&, const issuance&) = 0;
  /// Whether the files in live/NAME are its.
  [[nodiscard]] virtual bool is_live(const certificate&) = 0;
  /// Tells the servers, and sees that they present it; else the certificate before is back in its place.
  [[nodiscard]] virtual result<void> deploy(const certificate_entry&, const certificate&) = 0;
  [[nodiscard]] virtual findings check(const certificate&) = 0;
  /// Destroys the keys of its name that were replaced for long enough.
  virtual void retire(store&, const certificate&) = 0;
};

/// A configured certificate, and all that is known of it.
struct kept_certificate {
  std::shared_ptr<const certificate_entry> entry{};  ///< of the configuration, shared with that; none: not configured
  std::optional<certificate> held{};
  upkeep state{};
};

class renewal {
public:
  explicit renewal(world& w) : world_{w} {}

  /// What is configured. What was known of a name stays known; what has failed may be tried again at once, since a person has
  /// changed something. New names wait for `patience`: whoever has named them may want to issue them himself.
  [[nodiscard]] result<void> load(const std::shared_ptr<const config>&, store&, std::chrono::seconds patience = {});

  /// A certificate with something to be done about it now, for the caller to look after: nobody else is given it meanwhile.
  [[nodiscard]] std::optional<std::string> take();
  /// When there will be one.
  [[nodiscard]] std::chrono::sys_seconds next();

  /// Does what is due: asks, issues, deploys, watches, retires. One store a thread.
  void look_after(store&, const std::string& name);

  struct order {
    bool force = false;  ///< also what still serves, and is not due
    bool ask = false;    ///< first, whether its CA wants it renewed
    reporter progress{};
    reporter requests{};  ///< hears of each HTTP request
  };
  struct outcome {
    certificate held;
    bool issued = true;  ///< now; false: it was good as it is
  };
  /// Because a person asks, whatever was planned. condition::bad_input for a name that is not configured.
  [[nodiscard]] result<outcome> issue(store&, const std::string& name, const order&);
  /// Something of it was changed elsewhere (it was revoked): reads it anew.
  [[nodiscard]] result<void> refresh(store&, const std::string& name);

  [[nodiscard]] std::optional<kept_certificate> find(const std::string& name) const;
  [[nodiscard]] std::vector<kept_certificate> all() const;
  /// Orders since we were started, by directory and by what became of them: "done", "failed", "busy".
  [[nodiscard]] std::map<std::pair<std::string, std::string>, std::uint64_t> orders() const;

private:
  struct item : kept_certificate {
    std::chrono::sys_seconds wake{};
    bool unfinished = false;  ///< an order of before we were started
    bool told_revoked = false;
    std::string told_no_suggestion{};
    bool postponed = false;  ///< the last attempt was not made, since a limit of the CA's forbids it
    bool busy = false;
    std::uint64_t turn = 0;  ///< how often somebody has looked after it
  };

  [[nodiscard]] bool needs_issue(const config&, const item&, std::chrono::sys_seconds now) const;
  [[nodiscard]] bool serves(const config&, const item&) const;
  [[nodiscard]] std::chrono::sys_seconds wake_of(const config&, const item&, std::chrono::sys_seconds now) const;
  void look_after(store&, item&);
  struct request {
    bool asked_for = false;  ///< by a person
    reporter progress{};
    reporter requests{};
  };
  [[nodiscard]] result<certificate> attempt(store&, item&, const request&);
  [[nodiscard]] result<certificate> attempt_at(store&, item&, const ca_section&, const request&);
  void ask(const store&, item&);
  void tell_no_suggestion(item&, const failure&);
  void deploy(item&);
  void watch(item&);
  void tell_revoked(item&);
  [[nodiscard]] item wait_for(std::unique_lock<std::mutex>&, const std::string& name);
  void give_back(store&, item);
  void enqueue(item&);
  void mind_the_clock();
  [[nodiscard]] std::shared_ptr<const config> settings() const;

  world& world_;
  mutable std::mutex mutex_;
  std::condition_variable free_;
  std::shared_ptr<const config> config_;
  std::map<std::string, item, std::less<>> items_;
  std::map<std::pair<std::string, std::string>, std::uint64_t> orders_;
  std::set<std::pair<std::chrono::sys_seconds, std::string>> queue_;  ///< of those that are not busy
  std::chrono::sys_seconds latest_{};                                 ///< by the clock when we last looked at it
};

}  // namespace sealring::agent
