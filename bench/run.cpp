#include "bench/run.hpp"

#include "bench/bootstrap.hpp"
#include "bench/operations.hpp"

#include <algorithm>
#include <random>

namespace sealring::bench {
namespace {

/// A layer that takes part.
struct player {
  std::string word;
  std::unique_ptr<layer> of;
};

class measurement {
public:
  measurement(bed& b, const plan& p, const progress& tell, const std::atomic<bool>& stop)
      : bed_{b}, plan_{p}, tell_{tell}, stop_{stop} {}

  result<report> all() {
    out_.about = facts_of(bed_.token);
    describe_run();
    time_operations(bed_.token, plan_, out_, tell_, stop_);
    if (plan_.layers.empty() && !plan_.operations.empty()) return std::move(out_);
    for (const auto& word : plan_.kinds) {
      if (stop_) break;
      if (auto done = one_kind(*find_kind(word)); !done) return done.error();
    }
    return std::move(out_);
  }

private:
  void describe_run() {
    auto& run = out_.about.run;
    run = {{"seconds a layer and load", std::to_string(plan_.seconds)}, {"slices", std::to_string(plan_.rounds)}};
    run.emplace_back("verified", plan_.verify_every == 0 ? "nothing" : "one in " + std::to_string(plan_.verify_every));
    if (plan_.cpu >= 0) run.emplace_back("cpu", std::to_string(plan_.cpu));
    run.emplace_back("audit-sync", agent::to_string(bed_.audit));
  }

  result<void> one_kind(const kind& k) {
    std::vector<player> players;
    for (const layer_name& one : layers()) {
      const bool named = std::ranges::find(plan_.layers, one.word) != plan_.layers.end();
      if (!named && !plan_.layers.empty()) continue;
      tell_("making ready: " + std::string{one.word} + ", " + std::string{k.word});
      auto made = one.make(bed_, k);
      if (made) {
        players.push_back({std::string{one.word}, *std::move(made)});
      } else if (!out_.all.empty() || (!named && (made.error().code == condition::unsupported || one.word != floor_layer))) {
        out_.absent.push_back({std::string{one.word}, std::string{k.word}, made.error().what});
      } else {
        auto why = made.error();
        why.what = "the layer " + std::string{one.word} + ": " + why.what;
        return why;
      }
    }
    const auto loads = loads_of(k);
    crowded_ = !all_fit(players, loads);
    for (unsigned round = 0; round != plan_.rounds && !stop_; ++round)
      for (const combination& c : loads) one_round(players, k, c, round);
    if (plan_.ramp)
      for (const combination& c : loads) climb(players, k, c);
    return {};
  }

  std::vector<combination> loads_of(const kind& k) const {
    std::vector<combination> all;
    for (const bool combined : plan_.combined)
      for (const unsigned threads : plan_.threads)
        for (const unsigned sessions : plan_.sessions)
          for (const unsigned in_flight : plan_.in_flight)
            for (const double rate : plan_.rates)
              all.push_back({std::string{k.word},
                             {threads, sessions, in_flight, combined},
                             rate,
                             plan_.trouble ? plan_.trouble->text : std::string{}});
    return all;
  }

  void one_round(const std::vector<player>& players, const kind& k, const combination& c, unsigned round) {
    std::vector<const player*> fit;
    for (const player& p : players) {
      const auto why = unfit(p, c);
      if (why.empty()) fit.push_back(&p);
      else if (round == 0) out_.absent.push_back({p.word, text_of(c), why});
    }
    for (const player* p : fit) static_cast<void>(series_of(*p, c, false));  // reports have them in the order of layers()
    std::ranges::shuffle(fit, random_);
    for (const player* p : fit) {
      if (stop_) return;
      tell_("round " + std::to_string(round + 1) + " of " + std::to_string(plan_.rounds) + ": " + p->word + ", " + text_of(c));
      series_of(*p, c, false).add(run_slice(*p, k, c, plan_.seconds / plan_.rounds));
    }
  }

  /// Sessions that a layer keeps from slice to slice are others' to lack: each gives them back where not all have room.
  bool all_fit(const std::vector<player>& players, const std::vector<combination>& loads) {
    if (!room_) room_ = bed_.token.room();
    std::size_t wanted = 0;
    for (const player& p : players) {
      unsigned most = 0;
      for (const combination& c : loads) most = std::max(most, p.of->sessions(c.shape));
      wanted += most;
    }
    return wanted <= *room_;
  }

  std::string unfit(const player& p, const combination& c) {
    if (const unsigned wanted = p.of->sessions(c.shape); wanted > *room_)
      return "it wants " + std::to_string(wanted) + " sessions, and the token has " + std::to_string(*room_) + " for us";
    if (plan_.trouble && !p.of->keeper()) return "there is no keeper of ours in it for a fault";
    return p.of->unfit(c.shape);
  }

  slice run_slice(const player& p, const kind& k, const combination& c, double seconds) {
    load how{.shape = c.shape, .rate = c.rate, .verify_every = plan_.verify_every, .cpu = plan_.cpu, .stop = &stop_};
    how.time = std::chrono::duration<double>{seconds};
    std::optional<striker> trouble;
    if (plan_.trouble) how.trouble = &trouble.emplace(*plan_.trouble, p.of->keeper());
    auto done = run(*p.of, k.algorithm, how);
    if (crowded_) p.of->rest();
    return done;
  }

  series& series_of(const player& p, const combination& c, bool ramp) {
    for (series& s : out_.all)
      if (s.layer == p.word && s.of == c && s.ramp == ramp) return s;
    return out_.all.emplace_back(series{.layer = p.word, .of = c, .ramp = ramp});
  }

  /// A layer on its way to its knee.
  struct climber {
    const player* of;
    knee found;
    std::uint64_t at_ease = 0;  // p99 of the first step
    bool there = false;
  };

  /// Open loops at more and more of what a closed one reached, all layers' first steps first.
  void climb(const std::vector<player>& players, const kind& k, const combination& c) {
    std::vector<climber> all;
    for (const player& p : players)
      if (const series* const flat_out = out_.find(p.word, c); flat_out != nullptr && c.rate == 0)
        all.push_back({&p, {.layer = p.word, .of = c, .capacity = rate_of(flat_out->turns)}});
    for (int tenths = 1; tenths <= 11; ++tenths)
      for (climber& one : all)
        if (!stop_ && !one.there && one.found.capacity > 0) take_step(one, k, tenths);
    if (stop_) return;  // before its knee
    for (climber& one : all) out_.knees.push_back(std::move(one.found));
  }

  /// The knee is the last rate before the first that is not kept (less than 97 % done in time), or at which one in a hundred
  /// waits five times as long as at the lowest; each is tried for long enough that there are some of one in a hundred.
  void take_step(climber& one, const kind& k, int tenths) {
    auto c = one.found.of;
    c.rate = one.found.capacity * tenths / 10;
    tell_("ramp: " + one.of->word + ", " + text_of(c));
    series& step = series_of(*one.of, c, true);
    step.add(run_slice(*one.of, k, c, std::max({plan_.seconds / 5, 0.2, std::min(300 / c.rate, 10.0)})));
    const auto p99 = step.latency.percentile(99);
    if (tenths == 1) one.at_ease = p99;
    one.there = rate_of(step.turns) < 0.97 * c.rate || p99 > 5 * one.at_ease;
    if (one.there) return;
    one.found.rate = c.rate;
    one.found.p99 = p99;
  }

  bed& bed_;
  const plan& plan_;
  const progress& tell_;
  const std::atomic<bool>& stop_;
  std::mt19937 random_{1};
  std::optional<unsigned> room_{};  // before any layer has sessions
  bool crowded_ = false;            // layers rest between slices
  report out_{};
};

}  // namespace

result<report> measure(bed& b, const plan& p, const progress& tell, const std::atomic<bool>& stop) {
  return measurement{b, p, tell, stop}.all();
}

}  // namespace sealring::bench
