// sealring bench: what token, agent and the layers between give; and sealring bench compare.

#include "agent/cli/command_line.hpp"
#include "agent/cli/provider_settings.hpp"
#include "agent/file.hpp"
#include "agent/supervisor/descriptor.hpp"
#include "agent/supervisor/keeper_start.hpp"
#include "bench/compare.hpp"
#include "bench/measures.hpp"
#include "bench/report_json.hpp"
#include "bench/run.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <iostream>

namespace sealring::agent::cli {

namespace {

namespace bench = sealring::bench;

std::atomic<bool> interrupted = false;

[[noreturn]] void end_at_once() {
  if (const char* const line = bench::bench_token::remaining()) {
    [[maybe_unused]] const auto told = ::write(STDERR_FILENO, line, std::strlen(line));
  }
  ::_exit(1);
}

/// One that comes within two seconds of the first is the first once more: timeout(1) signals the process and its group.
void take_interrupt(int) {
  static std::atomic<std::time_t> first = 0;
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  std::time_t before = 0;
  if (first.compare_exchange_strong(before, now.tv_sec)) interrupted = true;
  else if (now.tv_sec - before < 2) return;
  else end_at_once();
}

/// Whoever interrupts us gets what was measured, and finds no key of ours in the token; whoever does so twice is told what he
/// finds.
void mind_interrupts() {
  struct sigaction action{};
  action.sa_handler = take_interrupt;
  action.sa_flags = SA_RESTART;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction before{};
    ::sigaction(signal, nullptr, &before);
    if (signal == SIGHUP && before.sa_handler == SIG_IGN) continue;  // nohup(1)
    ::sigaction(signal, &action, nullptr);
  }
}

struct place {
  hsm_section hsm{};
  std::filesystem::path state{};    ///< where the record of PIN tries is kept
  std::filesystem::path keepers{};  ///< a record that is to be heeded, too; empty: none that is another's and can be read
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
    if (!settings) {
      auto why = settings.error();
      why.what += "; to measure a token without one, name it: --module, --token and --pin-file";
      return why;
    }
    p.hsm = settings->hsm;
    keepers = keeper_folder(*settings);
  }
  if (!o.hsm.token.empty()) {
    if (o.hsm.token != p.hsm.token) p.hsm.pin_file.reset();  // is not for another token to see
    p.hsm.token = o.hsm.token;
  }
  if (o.hsm.pin_file) {
    std::error_code bad;
    p.hsm.pin_file = std::filesystem::absolute(*o.hsm.pin_file, bad);
  }
  if (!o.hsm.init_args.empty()) p.hsm.init_args = o.hsm.init_args;
  auto record = record_folder(keepers);
  if (!record) return record.error();
  p.state = *std::move(record);
  if (::geteuid() == 0 && keepers != p.state) p.keepers = std::move(keepers);
  return p;
}

/// A device (/dev/stdout) or a pipe is written into, as is the file that a link leads to; a file is replaced.
result<void> write_report(const std::filesystem::path& where, const std::string& text) {
  struct stat is{};
  if (::lstat(where.c_str(), &is) != 0 || S_ISREG(is.st_mode)) return write_file(where, text, 0644);
  std::error_code bad;
  if (const auto file = std::filesystem::canonical(where, bad);
      S_ISLNK(is.st_mode) && !where.native().starts_with("/dev/") && !bad && std::filesystem::is_regular_file(file, bad))
    return write_file(file, text, 0644);
  std::cout.flush();  // it may be the same
  const descriptor to{::open(where.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)};
  if (!to) return system_failure(errno, "cannot write into " + where.string());
  for (std::string_view left = text; !left.empty();) {
    const ssize_t put = ::write(to.get(), left.data(), left.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_failure(errno, "cannot write into " + where.string());
    left.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

/// False where one of them cannot be written, which is told.
bool write_all(const bench_options& o, const bench::report& r, output& out) {
  bool all = true;
  const auto write = [&](const std::filesystem::path& where, const auto& text_of) {
    if (where.empty()) return;
    if (auto done = write_report(where, text_of(r)); !done) {
      out.warn(done.error().what);
      all = false;
    }
  };
  write(o.json, [](const bench::report& one) { return boost::json::serialize(bench::to_json(one)) + '\n'; });
  write(o.csv, bench::to_csv);
  write(o.report, bench::to_html);
  return all;
}

/// Whether a layer that was asked for by name has no part in a whole kind.
bool lacks(const bench_options& o, const bench::report& r) {
  return std::ranges::any_of(r.absent, [&o](const auto& one) {
    return bench::find_kind(one.where) != nullptr && std::ranges::find(o.plan.layers, one.layer) != o.plan.layers.end();
  });
}

/// A fault shows in open loops, and wants time before and after it.
result<void> check_fault(const bench::plan& p) {
  if (!p.trouble) return {};
  if (std::ranges::find(p.rates, 0.0) != p.rates.end())
    return fail(condition::bad_input, "--fault wants an open loop: --rate, with the requests a second");
  const double slice = p.seconds / p.rounds;
  if (p.trouble->end() >= slice)
    return fail(condition::bad_input, "--fault " + p.trouble->text + ": each slice ends after " + bench::decimal(slice, 2) +
                                          " s (--seconds by --rounds): give more of the one, or --rounds 1");
  return {};
}

/// Figures of two machines or tokens say little of what changed between them.
void warn_of_differences(const bench::report& a, const bench::report& b, output& out) {
  const auto differing = [](const bench::fact_list& one, const bench::fact_list& other) {
    constexpr std::array<std::string_view, 4> usual{"load before", "serial", "label", "sealring"};
    std::string names;
    for (const auto& [name, value] : one) {
      const auto same = std::ranges::find(other, name, [](const auto& f) { return f.first; });
      if (std::ranges::find(usual, name) != usual.end() || same == other.end() || same->second == value) continue;
      ((((((names += names.empty() ? "" : ", ") += name) += " (") += value) += "; ") += same->second) += ')';
    }
    return names;
  };
  for (const auto part : {&bench::facts::machine, &bench::facts::token, &bench::facts::run})
    if (const auto names = differing(a.about.*part, b.about.*part); !names.empty()) out.warn("A and B differ in " + names);
}

void show(const bench::report& r, output& out) {
  std::vector<std::vector<std::string>> rows;
  for (const auto* facts : {&r.about.machine, &r.about.token})
    for (const auto& [name, value] : *facts) rows.push_back({name, value});
  out.table({}, rows);
  for (const auto& all : {bench::table_of(r), bench::knees_of(r), bench::faults_of(r), bench::operations_of(r)}) {
    if (all.rows.empty()) continue;
    out.say("");
    out.table(all.header, all.rows);
  }
  for (const auto& one : r.absent) out.say("left out: " + one.layer + " (" + one.where + "): " + one.why);
}

}  // namespace

result<outcome> run(const bench_options& o, const global_options& global, output& out) {
  if (const long cpus = ::sysconf(_SC_NPROCESSORS_ONLN); o.plan.cpu >= cpus)
    return fail(condition::bad_input, "--cpu " + std::to_string(o.plan.cpu) + ": this machine has " + std::to_string(cpus) +
                                          ", the first of which is 0");
  if (o.plan.cpu >= 0 && !bench::pin(::getpid(), o.plan.cpu))
    return fail(condition::bad_input,
                "--cpu " + std::to_string(o.plan.cpu) +
                    ": this process may not run there; 'Cpus_allowed_list' in /proc/self/status says where it may");
  if (auto fits = check_fault(o.plan); !fits) return fits.error();
  auto where = find_place(o, global);
  if (!where) return where.error();
  for (const auto& variable : where->hsm.environment) {  // as the keeper's module has it
    const auto equals = variable.find('=');
    ::setenv(variable.substr(0, equals).c_str(), variable.substr(equals + 1).c_str(), 1);
  }
  auto token = bench::bench_token::open(where->hsm, where->state, o.key, where->keepers);
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
  const auto ended = (*token)->end();
  if (!ended) out.warn(ended.error().what);
  if (!done) return done.error();
  show(*done, out);
  if (out.json()) out.print(bench::to_json(*done));
  const bool written = write_all(o, *done, out);
  const bool nothing = done->all.empty() && done->operations.empty();
  const bool wrong = std::ranges::any_of(
      done->all, [](const bench::series& s) { return s.errors.contains(std::string{bench::wrong_signature}); });
  if (wrong) out.warn("there are signatures that do not verify: what made them is not to be used, and their rate says nothing");
  if (nothing && !interrupted) out.warn("nothing of what was asked for could be measured");
  return interrupted || nothing || wrong || !ended || !written || lacks(o, *done) ? outcome::failed_in_part : outcome::done;
}

result<outcome> run(const bench_compare_options& o, const global_options&, output& out) {
  const auto before = bench::read_report(o.before);
  if (!before) return before.error();
  const auto after = bench::read_report(o.after);
  if (!after) return after.error();
  const auto all = bench::compare(*before, *after, o.tolerance);
  if (all.empty()) return fail(condition::bad_input, "the two have no layer under the same load in common");
  warn_of_differences(*before, *after, out);
  const auto shown = bench::table_of(all);
  out.table(shown.header, shown.rows);
  boost::json::array rows;
  bool worse = false;
  for (const auto& one : all) {
    worse = worse || one.is == bench::verdict::worse || one.is == bench::verdict::missing;
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
