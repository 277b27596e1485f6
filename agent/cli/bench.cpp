// sealring bench: what token, agent and the layers between give; and sealring bench compare.

#include "agent/cli/command_line.hpp"
#include "agent/cli/provider_settings.hpp"
#include "agent/file.hpp"
#include "agent/supervisor/keeper_start.hpp"
#include "bench/compare.hpp"
#include "bench/report_json.hpp"
#include "bench/run.hpp"

#include <sys/stat.h>
#include <unistd.h>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <csignal>

namespace sealring::agent::cli {

namespace {

namespace bench = sealring::bench;

std::atomic<bool> interrupted = false;

/// Whoever interrupts us gets what was measured, and finds no key of ours in the token.
void mind_interrupts() {
  struct sigaction action{};
  action.sa_handler = [](int) { interrupted = true; };
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

struct place {
  hsm_section hsm{};
  std::filesystem::path state{};  ///< where the record of PIN tries is kept
};

/// Whoever asks has a record of his own, unless the keeper runs as him: a file of root's in the keeper's folder would be one
/// that the keeper cannot read.
result<std::filesystem::path> record_folder(const std::filesystem::path& keepers) {
  struct stat is{};
  if (!keepers.empty() && ::stat(keepers.c_str(), &is) == 0 && is.st_uid == ::geteuid()) return keepers;
  const char* const home = std::getenv("HOME");
  auto own = std::filesystem::path{home != nullptr ? home : "/var/lib/sealring"} / ".local/state/sealring";
  if (auto made = make_folders(own, 0700); !made) return made.error();
  return own;
}

/// With --module nothing of a configuration is needed.
result<place> find_place(const bench_options& o, const global_options& global) {
  place p;
  std::filesystem::path keepers;
  if (!o.hsm.module.empty()) {
    if (o.hsm.token.empty()) return fail(condition::bad_input, "--module needs --token: which token in it?");
    std::error_code bad;
    p.hsm.module = std::filesystem::absolute(o.hsm.module, bad);
  } else {
    auto settings = load(global.config);
    if (!settings) return settings.error();
    p.hsm = settings->hsm;
    keepers = keeper_folder(*settings);
  }
  if (!o.hsm.token.empty()) p.hsm.token = o.hsm.token;
  if (o.hsm.pin_file) {
    std::error_code bad;
    p.hsm.pin_file = std::filesystem::absolute(*o.hsm.pin_file, bad);
  }
  if (!o.hsm.init_args.empty()) p.hsm.init_args = o.hsm.init_args;
  auto record = record_folder(keepers);
  if (!record) return record.error();
  p.state = *std::move(record);
  return p;
}

result<void> write_all(const bench_options& o, const bench::report& r) {
  if (!o.json.empty())
    if (auto done = write_file(o.json, boost::json::serialize(bench::to_json(r)) + '\n', 0644); !done) return done;
  if (!o.csv.empty())
    if (auto done = write_file(o.csv, bench::to_csv(r), 0644); !done) return done;
  if (!o.report.empty()) return write_file(o.report, bench::to_html(r), 0644);
  return {};
}

void show(const bench::report& r, output& out) {
  std::vector<std::vector<std::string>> rows;
  for (const auto* facts : {&r.about.machine, &r.about.token})
    for (const auto& [name, value] : *facts) rows.push_back({name, value});
  out.table({}, rows);
  out.say("");
  const auto all = bench::table_of(r);
  out.table(all.header, all.rows);
  if (!r.knees.empty()) {
    out.say("");
    const auto knees = bench::knees_of(r);
    out.table(knees.header, knees.rows);
  }
  for (const auto& one : r.absent) out.say("left out: " + one.layer + " (" + one.where + "): " + one.why);
}

}  // namespace

result<outcome> run(const bench_options& o, const global_options& global, output& out) {
  if (const long cpus = ::sysconf(_SC_NPROCESSORS_ONLN); o.plan.cpu >= cpus)
    return fail(condition::bad_input, "--cpu " + std::to_string(o.plan.cpu) + ": this machine has " + std::to_string(cpus) +
                                          ", the first of which is 0");
  auto where = find_place(o, global);
  if (!where) return where.error();
  auto token = bench::bench_token::open(where->hsm, where->state, o.key);
  if (!token) return token.error();
  mind_interrupts();
  // On a terminal the line is rewritten; into a file it would be one a slice.
  const bool live = ::isatty(STDERR_FILENO) == 1;
  const bench::progress tell = [&](const std::string& line) {
    if (live) out.progress(line);
  };
  auto done = [&] {
    bench::bed bed{.token = **token, .state = where->state, .audit = o.sync, .kinds = o.plan.kinds};
    if (auto provider = find_provider()) bed.provider = *std::move(provider);
    return bench::measure(bed, o.plan, tell, interrupted);
  }();
  if (auto ended = (*token)->end(); !ended) out.warn(ended.error().what);
  if (!done) return done.error();
  if (auto written = write_all(o, *done); !written) return written.error();
  show(*done, out);
  if (out.json()) out.print(bench::to_json(*done));
  return interrupted ? outcome::failed_in_part : outcome::done;
}

result<outcome> run(const bench_compare_options& o, const global_options&, output& out) {
  const auto before = bench::read_report(o.before);
  if (!before) return before.error();
  const auto after = bench::read_report(o.after);
  if (!after) return after.error();
  const auto all = bench::compare(*before, *after, o.tolerance);
  if (all.empty()) return fail(condition::bad_input, "the two have no layer under the same load in common");
  const auto shown = bench::table_of(all);
  out.table(shown.header, shown.rows);
  boost::json::array rows;
  bool worse = false;
  for (const auto& one : all) {
    worse = worse || one.is == bench::verdict::worse;
    rows.push_back(boost::json::object{{"layer", one.layer},
                                       {"load", bench::text_of(one.of)},
                                       {"rate", {one.rate.low, one.rate.middle, one.rate.high}},
                                       {"cpu", {one.cpu.low, one.cpu.middle, one.cpu.high}},
                                       {"verdict", bench::word_of(one.is)}});
  }
  out.print(rows);
  return worse ? outcome::failed_in_part : outcome::done;
}

}  // namespace sealring::agent::cli
