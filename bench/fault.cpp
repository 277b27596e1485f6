#include "bench/fault.hpp"

#include <algorithm>
#include <charconv>
#include <csignal>

namespace sealring::bench {
namespace {

std::optional<double> seconds_in(std::string_view text) {
  double out = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (bad != std::errc{} || end != text.data() + text.size() || !(out >= 0 && out < 86'400)) return std::nullopt;
  return out;
}

}  // namespace

std::optional<fault> parse_fault(std::string_view text) {
  const auto at = text.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  const auto what = text.substr(0, at);
  auto when = text.substr(at + 1);
  fault f{.kills = what == "kill-keeper", .text = std::string{text}};
  if (!f.kills) {
    const auto comma = when.find(',');
    if (what != "stall" || comma == std::string_view::npos) return std::nullopt;
    const auto length = seconds_in(when.substr(comma + 1));
    if (!length) return std::nullopt;
    f.length = *length;
    when = when.substr(0, comma);
  }
  const auto begin = seconds_in(when);
  if (!begin) return std::nullopt;
  f.at = *begin;
  return f;
}

void course::add(const course& other) {
  moments.resize(std::max(moments.size(), other.moments.size()));
  for (std::size_t i = 0; i != other.moments.size(); ++i) {
    moments[i].made += other.moments[i].made;
    moments[i].failed += other.moments[i].failed;
    moments[i].worst = std::max(moments[i].worst, other.moments[i].worst);
  }
  if (other.recovered >= 0 && (recovered < 0 || other.recovered < recovered)) recovered = other.recovered;
}

striker::~striker() {
  over_ = true;
  if (thread_.joinable()) thread_.join();
}

void striker::begin(clock::time_point load) {
  thread_ = std::thread{[this, load] { strike(load); }};
}

std::optional<striker::clock::time_point> striker::struck() const noexcept {
  const auto when = struck_.load();
  if (when == 0) return std::nullopt;
  return clock::time_point{clock::duration{when}};
}

void striker::strike(clock::time_point load) {
  const auto after = [load](double seconds) {
    return load + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>{seconds});
  };
  if (!sleep_until(after(fault_.at))) return;
  const pid_t process = whom_();
  if (process <= 0 || ::kill(process, fault_.kills ? SIGKILL : SIGSTOP) != 0) return;
  struck_ = clock::now().time_since_epoch().count();
  if (fault_.kills) return;
  static_cast<void>(
      sleep_until(clock::now() + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>{fault_.length})));
  ::kill(process, SIGCONT);
}

bool striker::sleep_until(clock::time_point when) const {
  for (auto now = clock::now(); now < when; now = clock::now()) {
    if (over_) return false;
    std::this_thread::sleep_for(std::min<clock::duration>(when - now, std::chrono::milliseconds{10}));
  }
  return true;
}

}  // namespace sealring::bench
