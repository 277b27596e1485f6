#include "bench/fleet.hpp"

#include "agent/manager/budget.hpp"
#include "agent/manager/schedule.hpp"

#include <algorithm>
#include <deque>
#include <random>

namespace sealring::bench {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr sys_seconds start{};
constexpr seconds asked_every = 6h;  // what Let's Encrypt says in Retry-After (RFC 9773 section 4.3)

/// Two percent of the lifetime, around two thirds of it, or around the half of a short one.
agent::renewal_suggestion window_of(sys_seconds not_before, seconds life) {
  const auto middle = agent::usual_renewal(not_before, not_before + life);
  return {.start = middle - life / 100, .end = middle + life / 100, .explanation_url = {}, .retry_after = asked_every};
}

/// Of a certificate only what differs from the others'.
struct member {
  sys_seconds not_before;
  sys_seconds renew_at;
  int failures = 0;
};

/// Whose turn it is: by the minute, and within it by the second.
class calendar {
public:
  explicit calendar(seconds time) : minutes_(static_cast<std::size_t>(time / 1min) + 1) {}

  void put(std::uint32_t who, sys_seconds wake) {
    const auto minute = std::max(now_, static_cast<std::size_t>((wake - start) / 1min));
    if (minute < minutes_.size()) minutes_[minute].push_back({wake, who});  // else after the end
  }

  /// f(who, wake), for all in their order; f may put them, or others, into later minutes or this one.
  template <class F>
  void run(const F& f) {
    for (now_ = 0; now_ != minutes_.size(); ++now_)
      while (!minutes_[now_].empty()) {
        auto turn = std::exchange(minutes_[now_], {});
        std::ranges::sort(turn);
        for (const auto& [wake, who] : turn) f(who, wake);
      }
  }

private:
  using entry = std::pair<sys_seconds, std::uint32_t>;
  std::vector<std::vector<entry>> minutes_;
  std::size_t now_ = 0;
};

/// What the CA has counted against one limit, for one whom it counts.
class counted {
public:
  std::optional<sys_seconds> free_from(const agent::rate_limit& limit, sys_seconds now) {
    const auto gone = std::ranges::find_if(times_, [&](sys_seconds at) { return at > now - limit.period; });
    times_.erase(times_.begin(), gone);
    return agent::free_from(times_, limit.count, limit.period);
  }
  void count(sys_seconds now) { times_.push_back(now); }

private:
  std::vector<sys_seconds> times_;
};

class simulation {
public:
  explicit simulation(const fleet& f)
      : fleet_{f},
        end_{start + f.time},
        limits_{limits_of(f)},
        turns_{f.time},
        random_{f.seed},
        members_(f.certificates),
        lines_(f.accounts) {
    out_.renewals.resize(static_cast<std::size_t>(f.time / 1h) + 1);
    for (const auto& limit : limits_) counts_.emplace_back(subjects(limit.what));
  }

  fleet_outcome run() {
    for (std::uint32_t who = 0; who != members_.size(); ++who) be_of_some_age(who);
    turns_.run([this](std::uint32_t who, sys_seconds wake) {
      if (who < members_.size()) attempt(who, free_at(wake));
      else let_in(who - members_.size(), wake);
    });
    for (const member& m : members_) note_end(m, end_);
    return std::move(out_);
  }

private:
  static std::vector<agent::rate_limit> limits_of(const fleet& f) {
    agent::ca_section ca;
    ca.directory = "https://acme-v02.api.letsencrypt.org/directory";
    ca.rate_limits = f.limits;
    const auto all = agent::limits_of(ca);
    return {all.begin(), all.end()};
  }

  /// How many there are whom such a limit counts.
  std::size_t subjects(agent::limited what) const {
    switch (what) {
      case agent::limited::orders: return fleet_.accounts;
      case agent::limited::certificates_per_domain: return fleet_.certificates / fleet_.per_domain + 1;
      case agent::limited::duplicates: return fleet_.certificates;
      case agent::limited::failures: break;  // of names that are not proved; here all are
    }
    return 0;
  }
  counted* subject(std::size_t limit, std::uint32_t who) {
    auto& all = counts_[limit];
    switch (limits_[limit].what) {
      case agent::limited::orders: return &all[who % fleet_.accounts];
      case agent::limited::certificates_per_domain: return &all[who / fleet_.per_domain];
      case agent::limited::duplicates: return &all[who];
      case agent::limited::failures: break;
    }
    return nullptr;
  }

  double chance() { return std::uniform_real_distribution<double>{0, 1}(random_); }

  bool down(sys_seconds now) const {
    const auto begins = start + fleet_.time / 2;
    return fleet_.outage && begins <= now && now < begins + *fleet_.outage;
  }

  /// Its record and its upkeep, as the product's functions want them.
  void recall(const member& m) {
    held_.not_before = held_.issued_at = m.not_before;
    held_.not_after = m.not_before + fleet_.life;
    const auto window = window_of(m.not_before, fleet_.life);
    state_.window_start = window.start;
    state_.window_end = window.end;
    state_.renew_at = m.renew_at;
    state_.failures = m.failures;
    state_.try_at.reset();
  }

  /// A new certificate, and the CA's suggestion for it. When its turn comes again.
  sys_seconds take_up(member& m, sys_seconds issued) {
    m.not_before = issued;
    recall(m);
    agent::begin(state_, held_, issued, 0);
    agent::take_suggestion(state_, window_of(issued, fleet_.life), issued, chance());
    m.renew_at = *state_.renew_at;
    m.failures = 0;
    return agent::renew_by(state_, held_);
  }

  /// As in a fleet whose certificates began at any time.
  void be_of_some_age(std::uint32_t who) {
    member& m = members_[who];
    const auto wake = take_up(m, start);
    const seconds age{static_cast<std::int64_t>(chance() * static_cast<double>((wake - start).count()))};
    m.not_before -= age;
    m.renew_at -= age;
    turns_.put(who, wake - age);
  }

  /// All agents together do one after another.
  sys_seconds free_at(sys_seconds now) const { return std::max(now, start + std::chrono::floor<seconds>(busy_until_)); }

  void attempt(std::uint32_t who, sys_seconds now) {
    if (now >= end_) return;
    member& m = members_[who];
    recall(m);
    const bool exempt = agent::is_in_window(state_, now);
    if (!exempt && is_postponed(who, now)) return;
    if (!down(now)) return renew(who, now, exempt);
    ++out_.failed;
    if (!exempt) count(who, now, agent::limited::orders);
    agent::note_failure(state_, {}, {}, held_.not_after - now, now);
    m.failures = state_.failures;
    turns_.put(who, *state_.try_at);
  }

  /// Whom the account's orders hold back waits in line; whom another limit does, for the time that it names.
  bool is_postponed(std::uint32_t who, sys_seconds now) {
    std::optional<sys_seconds> free;
    for (std::size_t i = 0; i != limits_.size(); ++i)
      if (counted* const its = subject(i, who)) free = std::max(free, its->free_from(limits_[i], now));
    if (!free) return false;
    ++out_.postponed;
    const std::size_t account = who % fleet_.accounts;
    if (const auto order = order_from(account, now)) {
      if (lines_[account].empty()) turns_.put(door(account), *order);
      lines_[account].push_back(who);
    } else {
      turns_.put(who, std::min(*free, now + 24h));
    }
    return true;
  }

  std::uint32_t door(std::size_t account) const { return static_cast<std::uint32_t>(members_.size() + account); }

  /// An account's line moves up.
  void let_in(std::size_t account, sys_seconds wake) {
    auto& line = lines_[account];
    auto now = free_at(wake);
    for (; !line.empty() && now < end_ && !order_from(account, now); now = free_at(wake)) {
      const auto who = line.front();
      line.pop_front();
      attempt(who, now);
    }
    if (!line.empty() && now < end_) turns_.put(door(account), order_from(account, now).value_or(now));
  }

  /// From when the account may order; nothing if it may now.
  std::optional<sys_seconds> order_from(std::size_t account, sys_seconds now) {
    for (std::size_t i = 0; i != limits_.size(); ++i)
      if (limits_[i].what == agent::limited::orders) return counts_[i][account].free_from(limits_[i], now);
    return std::nullopt;
  }

  void renew(std::uint32_t who, sys_seconds now, bool exempt) {
    if (!exempt) {
      ++out_.outside;
      for (const auto what : {agent::limited::orders, agent::limited::certificates_per_domain, agent::limited::duplicates})
        count(who, now, what);
    }
    note_end(members_[who], now);
    ++out_.renewed;
    ++out_.renewals[static_cast<std::size_t>((now - start) / 1h)];
    busy_until_ =
        std::max(busy_until_, std::chrono::duration<double>(now - start)) + std::chrono::duration<double>(1 / fleet_.pace);
    turns_.put(who, take_up(members_[who], now));
  }

  void count(std::uint32_t who, sys_seconds now, agent::limited what) {
    for (std::size_t i = 0; i != limits_.size(); ++i)
      if (limits_[i].what == what) subject(i, who)->count(now);
  }

  /// A certificate's time is over: it is replaced, or the simulation ends.
  void note_end(const member& m, sys_seconds now) {
    out_.questions += static_cast<std::uint64_t>((now - std::max(m.not_before, start)) / asked_every) + 1;
    const auto late = now - (m.not_before + fleet_.life);
    if (late <= 0s) return;
    ++out_.expired;
    out_.longest = std::max<seconds>(out_.longest, late);
  }

  const fleet& fleet_;
  const sys_seconds end_;
  const std::vector<agent::rate_limit> limits_;
  calendar turns_;
  std::mt19937_64 random_;
  std::vector<member> members_;
  std::vector<std::deque<std::uint32_t>> lines_;  ///< of each account
  std::vector<std::vector<counted>> counts_;      ///< of each limit
  std::chrono::duration<double> busy_until_{};
  agent::certificate held_{};
  agent::upkeep state_{};
  fleet_outcome out_;
};

}  // namespace

double fleet_outcome::an_hour() const {
  const auto whole_hours = std::max<std::size_t>(renewals.size() - 1, 1);
  return static_cast<double>(renewed) / static_cast<double>(whole_hours);
}

std::uint32_t fleet_outcome::peak_hour() const { return std::ranges::max(renewals); }

fleet_outcome simulate(const fleet& f) { return simulation{f}.run(); }

}  // namespace sealring::bench
