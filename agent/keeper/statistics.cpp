#include "agent/keeper/statistics.hpp"

#include "agent/keeper/rules.hpp"
#include "agent/wire/text.hpp"

#include <algorithm>

namespace sealring::agent {

namespace {

std::uint64_t unix_seconds(std::chrono::sys_seconds t) { return static_cast<std::uint64_t>(t.time_since_epoch().count()); }

}  // namespace

void histogram::observe(std::chrono::nanoseconds took) noexcept {
  const auto ns = static_cast<std::uint64_t>(std::max<std::chrono::nanoseconds::rep>(took.count(), 0));
  const auto bucket = std::ranges::lower_bound(latency_bounds, ns, {}, [](std::uint64_t us) { return us * 1000; });
  counts_[static_cast<std::size_t>(bucket - latency_bounds.begin())].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(ns, std::memory_order_relaxed);
}

wire::histogram histogram::read() const {
  wire::histogram out;
  for (const auto& count : counts_) out.counts.push_back(count.load(std::memory_order_relaxed));
  out.sum_ns = sum_.load(std::memory_order_relaxed);
  return out;
}

void statistics::count(std::string_view key, outcome o) {
  const auto place = static_cast<std::size_t>(o);
  {
    const std::shared_lock lock{keys_mutex_};
    if (const auto found = keys_.find(key); found != keys_.end()) {
      found->second.by[place].fetch_add(1, std::memory_order_relaxed);
      return;
    }
  }
  const std::unique_lock lock{keys_mutex_};
  keys_[std::string{key}].by[place].fetch_add(1, std::memory_order_relaxed);
}

statistics::call::call(statistics& s, policy::purpose use, std::chrono::steady_clock::time_point read_at) noexcept
    : in_{s}, took_{s.latencies_[static_cast<std::size_t>(use)].in_module}, begun_{std::chrono::steady_clock::now()} {
  s.latencies_[static_cast<std::size_t>(use)].queued.observe(begun_ - read_at);
  s.signing_.fetch_add(1, std::memory_order_relaxed);
}

statistics::call::~call() {
  took_.observe(std::chrono::steady_clock::now() - begun_);
  in_.signing_.fetch_sub(1, std::memory_order_relaxed);
}

void statistics::token_changed(std::string_view why, wall_time now) {
  const std::lock_guard lock{token_mutex_};
  outage_ = wire::to_text(why, 1024);
  since_ = now;
}

wire::statistics_reply statistics::read() const {
  wire::statistics_reply out;
  out.started = unix_seconds(started_);
  out.signing = signing_.load(std::memory_order_relaxed);
  out.bounds_us.assign(latency_bounds.begin(), latency_bounds.end());
  for (const policy::purpose use : purposes) {
    const latency& one = latencies_[static_cast<std::size_t>(use)];
    out.latencies.push_back({std::string{to_string(use)}, one.queued.read(), one.in_module.read()});
  }
  {
    const std::lock_guard lock{token_mutex_};
    out.since = unix_seconds(since_);
    out.outage = outage_;
    out.up = outage_.empty();
  }
  const std::shared_lock lock{keys_mutex_};
  for (const auto& [name, counted] : keys_)
    out.keys.push_back({name, counted.by[0].load(), counted.by[1].load(), counted.by[2].load()});
  out.total = static_cast<std::uint32_t>(out.keys.size());
  return out;
}

}  // namespace sealring::agent
