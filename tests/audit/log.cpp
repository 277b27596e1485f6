// The log while it is written: by many threads, onto a full disk, into the face of SIGKILL.

#include "fixture.hpp"

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <thread>

#include <sys/mount.h>
#include <sys/resource.h>

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

/// Numbers by which each thread can find its own requests.
void append_many(audit::audit_log& log, std::uint64_t thread, std::uint64_t count, std::vector<std::uint64_t>& numbers) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto number = log.append(some_request(thread * 1'000'000 + i));
    if (number) numbers.push_back(*number);
  }
}

std::vector<std::vector<std::uint64_t>> append_from(audit::audit_log& log, std::size_t threads, std::uint64_t count) {
  std::vector<std::vector<std::uint64_t>> numbers(threads);
  std::vector<std::thread> running;
  running.reserve(threads);
  for (std::size_t t = 0; t < threads; ++t) running.emplace_back([&, t] { append_many(log, t, count, numbers[t]); });
  for (auto& thread : running) thread.join();
  return numbers;
}

/// That every number told is in the file, with the request that it was told for.
void check_told(const log_fixture& f, const std::vector<std::vector<std::uint64_t>>& numbers) {
  const auto lines = lines_of(slurp(f.file));
  std::size_t wrong = 0;
  for (std::size_t t = 0; t < numbers.size(); ++t) {
    for (std::size_t i = 0; i < numbers[t].size(); ++i) {
      const auto r = numbers[t][i] < lines.size() ? audit::decode(lines[numbers[t][i]]) : agent::fail(condition::bad_input, "");
      const auto* const q = r ? std::get_if<audit::request>(&r->what) : nullptr;
      if (q == nullptr || q->who.start / 1'000'000 != t || r->sequence != numbers[t][i]) ++wrong;
    }
  }
  CHECK(wrong == 0);
}

/// The file size limit of this process, which is as good as a full disk and needs no rights.
struct size_limit {
  rlimit before{};
  explicit size_limit(rlim_t size) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    set(size);
  }
  size_limit(const size_limit&) = delete;
  size_limit& operator=(const size_limit&) = delete;
  ~size_limit() { setrlimit(RLIMIT_FSIZE, &before); }
  void set(rlim_t size) const {
    const rlimit now{size, before.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &now) == 0);
  }
};

}  // namespace

TEST_CASE("a log tells how far it has come, and what is not safe yet", "[log]") {
  for (const bool always : {false, true}) {
    log_fixture f;
    auto options = f.options();
    options.sync = always ? agent::audit_sync::always : agent::audit_sync::interval;
    options.sync_interval = 1h;
    std::optional log{log_fixture::open(std::move(options))};
    for (std::uint64_t i = 0; i < 5; ++i) REQUIRE(log->append(some_request(i)).has_value());
    const auto before = log->numbers();
    CHECK(before.records == 6);  // with the header
    CHECK(before.unsynced == (always ? 0 : 5));
    CHECK(before.uncovered == 6);
    CHECK(before.size == std::filesystem::file_size(f.file));
    REQUIRE(log->checkpoint().has_value());
    const auto after = log->numbers();
    CHECK(after.records == 7);
    CHECK(after.unsynced == 0);
    CHECK(after.uncovered == 0);
    CHECK(after.checkpoint_age <= 60s);
    CHECK(after.size == std::filesystem::file_size(f.file));
    REQUIRE(log->close().has_value());
    log.reset();
    const auto again = f.open().numbers();
    CHECK(again.records == 7);
    CHECK(again.size == after.size);
  }
}

TEST_CASE("many threads append at once", "[log]") {
  log_fixture f;
  auto log = f.open(700);
  const auto numbers = append_from(log, 8, 2000);
  REQUIRE(log.close().has_value());
  const auto v = f.verify();
  CHECK(why(v) == "");
  CHECK(v.records == 1 + 8 * 2000 + v.checkpoints);
  CHECK(v.checkpoints >= 2);
  for (const auto& own : numbers) {
    CHECK(own.size() == 2000);
    CHECK(std::is_sorted(own.begin(), own.end()));
  }
  check_told(f, numbers);
  const auto anchors = f.anchors();
  CHECK(f.verify(&anchors).excluded_up_to == v.records - 1);
}

TEST_CASE("checkpoints come with the number of records, and with time", "[log]") {
  log_fixture f;
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t told = 0;
  auto o = f.options(10);
  const bool by_time = GENERATE(false, true);
  if (by_time) o.checkpoint_records = 1000, o.checkpoint_interval = 20ms;
  o.anchors.push_back([&](std::string_view) -> agent::result<void> {
    const std::lock_guard lock{mutex};
    ++told;
    changed.notify_one();
    return {};
  });
  auto log = f.open(std::move(o));
  for (std::uint64_t round = 1; round <= 2; ++round) {
    for (std::uint64_t i = 0; i < 10; ++i) REQUIRE(log.append(some_request(i)).has_value());
    std::unique_lock lock{mutex};
    REQUIRE(changed.wait_for(lock, 60s, [&] { return told >= round; }));
  }
  REQUIRE(log.close().has_value());
  CHECK(why(f.verify()) == "");
}

TEST_CASE("while the audit key cannot sign, requests are logged all the same", "[log]") {
  log_fixture f;
  auto o = f.options(5);
  std::atomic<bool> down = true;
  o.sign = [&](bytes_view message) -> agent::result<bytes> {
    if (down) return agent::fail(condition::retry_later, "the token is gone");
    return sign_with(f.key, message);
  };
  auto log = f.open(std::move(o));
  for (std::uint64_t i = 0; i < 50; ++i) REQUIRE(log.append(some_request(i)).has_value());
  CHECK(outcome(log.checkpoint()) == "the token is gone");
  down = false;
  CHECK(outcome(log.checkpoint()) == "");
  REQUIRE(log.close().has_value());
  const auto v = f.verify();
  CHECK(why(v) == "");
  CHECK(v.checkpoints == 1);
}

TEST_CASE("a signature that is not the audit key's makes no checkpoint", "[log]") {
  log_fixture f;
  auto o = f.options();
  const auto other = new_key();
  o.sign = [&](bytes_view message) { return sign_with(other, message); };
  auto log = f.open(std::move(o));
  CHECK_THAT(outcome(log.checkpoint()), Contains("not the audit key's"));
  o = {};
  CHECK_THAT(outcome(log.close()), Contains("not the audit key's"));
  CHECK(f.verify().checkpoints == 0);
  CHECK_THAT(outcome(log.append(some_request())), Contains("closed"));
}

TEST_CASE("an anchor that fails is told, and the log goes on", "[log]") {
  log_fixture f;
  auto o = f.options();
  o.anchors.insert(o.anchors.begin(),
                   [](std::string_view) -> agent::result<void> { return agent::fail(condition::retry_later, "no journal"); });
  auto log = f.open(std::move(o));
  CHECK(outcome(log.checkpoint()) == "no journal");
  CHECK(f.anchored.size() == 1);
  CHECK(log.append(some_request()).has_value());
}

TEST_CASE("a full disk: no success without its record, and it works again when there is room", "[log]") {
  log_fixture f;
  const auto mode = GENERATE(agent::audit_sync::interval, agent::audit_sync::always);
  auto o = f.options();
  o.sync = mode;
  auto log = f.open(std::move(o));
  std::vector<std::vector<std::uint64_t>> numbers;
  {
    const size_limit limit{100'000};
    numbers = append_from(log, 4, 500);
    const auto refused = log.append(some_request(1));
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == condition::operator_needed);
    CHECK_THAT(refused.error().what, Contains("File too large; until it can be, nothing is signed: make room"));
    CHECK(slurp(f.file).ends_with("\"}\n"));
  }
  const auto more = log.append(some_request(9'999'999));
  CHECK(outcome(more) == "");
  REQUIRE(log.close().has_value());
  std::size_t told = 0;
  for (const auto& own : numbers) told += own.size();
  CHECK(told > 100);
  CHECK(told < 2000);
  const auto v = f.verify();
  CHECK(why(v) == "");
  CHECK(v.records == 1 + told + 1 + 1);  // the header, the last append, the checkpoint
  check_told(f, numbers);
}

TEST_CASE("a full file system", "[log]") {
  log_fixture f;
  const auto small = f.folder / "small";
  std::filesystem::create_directory(small);
  if (::mount("tmpfs", small.c_str(), "tmpfs", 0, "size=64k") != 0) {
    WARN("not shown here: mounting a file system is not permitted");
    return;
  }
  struct unmount {
    std::filesystem::path path;
    ~unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } after{small};
  f.file = small / "audit.log";
  spill(small / "ballast", std::string(16'384, 'x'));
  std::vector<std::vector<std::uint64_t>> numbers;
  {
    auto log = f.open();
    numbers = append_from(log, 4, 100);
    CHECK_THAT(outcome(log.append(some_request())),
               Contains("No space left on device; until it can be, nothing is signed: make room"));
    std::filesystem::remove(small / "ballast");
    CHECK(outcome(log.append(some_request(9'999'999))) == "");
  }
  CHECK(why(f.verify()) == "");
  check_told(f, numbers);
}

TEST_CASE("a log that was deleted, cut or written to behind our back takes no more records", "[log]") {
  log_fixture f;
  auto log = f.open();
  REQUIRE(log.append(some_request()).has_value());
  switch (GENERATE(0, 1, 2)) {
    case 0: std::filesystem::remove(f.file); break;
    case 1: std::filesystem::resize_file(f.file, 10); break;
    default: std::ofstream(f.file, std::ios::app) << "{}\n";
  }
  CHECK_THAT(outcome(log.append(some_request())), Contains("deleted, cut or written to by another program"));
  CHECK_THAT(outcome(log.append(some_request())), Contains("restart the keeper"));
}

TEST_CASE("kill -9 while it appends: every record that was told is there", "[log]") {
  log_fixture f;
  std::size_t told = 0;
  for (int round = 0; round < 5; ++round) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      auto log = audit::audit_log::open(f.options(200));
      if (!log) ::_exit(1);
      const auto work = [&log, out = ends[1]] {
        while (true) {
          const auto number = log->append(some_request());
          if (!number || ::write(out, &*number, sizeof *number) != sizeof *number) ::_exit(1);
        }
      };
      std::thread one{work}, two{work};
      work();
    }
    ::close(ends[1]);
    std::vector<std::uint64_t> numbers;
    for (std::uint64_t number = 0; ::read(ends[0], &number, sizeof number) == sizeof number;) {
      numbers.push_back(number);
      if (numbers.size() == 500) ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(numbers.size() >= 500);
    told += numbers.size();
    f.open();
    const auto lines = lines_of(slurp(f.file));
    for (const auto number : numbers) {
      REQUIRE(number < lines.size());
      REQUIRE(lines[number].starts_with("{\"seq\":" + std::to_string(number) + ","));
    }
    CHECK(why(f.verify()) == "");
  }
  WARN("killed 5 times, " << told << " records told, all there");
}

TEST_CASE("how fast it is, for the record", "[log]") {
  const auto mode = GENERATE(agent::audit_sync::interval, agent::audit_sync::always);
  const std::size_t threads = GENERATE(1U, 8U);
  log_fixture f;
  auto o = f.options(1000);
  o.sync = mode;
  auto log = f.open(std::move(o));
  const std::uint64_t count = (mode == agent::audit_sync::interval ? 40'000 : 800) / threads;
  const auto start = std::chrono::steady_clock::now();
  const auto numbers = append_from(log, threads, count);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  REQUIRE(log.close().has_value());
  WARN(to_string(mode) << ", " << threads << " thread(s): " << static_cast<double>(count * threads) / seconds << " records/s");
}
