#include "bench/load.hpp"

#include "bench/measures.hpp"
#include "hsm/error.hpp"
#include "hsm/with_algorithm.hpp"
#include "sealring/verified.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <barrier>
#include <thread>

namespace sealring::bench {
namespace {

/// What a TLS 1.3 server signs (RFC 8446 section 4.4.3), with another transcript's hash each time.
class certificate_verify {
public:
  certificate_verify() : text_(64, 0x20) {
    for (const char c : std::string_view{"TLS 1.3, server CertificateVerify"}) text_.push_back(static_cast<std::uint8_t>(c));
    text_.resize(text_.size() + 1 + sha256::size);
  }
  bytes_view number(std::uint64_t n) {
    for (std::size_t i = 0; i != sizeof n; ++i) text_[text_.size() - 1 - i] = static_cast<std::uint8_t>(n >> 8 * i);
    return text_;
  }

private:
  bytes text_;
};

using judge = std::function<bool(bytes_view message, const bytes& signature)>;

/// Nothing where the key does not fit the algorithm.
judge judge_for(algorithm_id id, const any_public_key& key) {
  return hsm::with_algorithm(id, [&key]<class A>(A) -> judge {
    const auto* mine = std::get_if<typename A::public_key>(&key);
    if (mine == nullptr) return {};
    auto ready = verifier<A>::make(*mine);
    if (!ready) return {};
    return [ready = *std::move(ready)](bytes_view message, const bytes& raw) {
      typename A::signature signature{};
      if constexpr (std::same_as<typename A::signature, bytes>) {
        signature = raw;
      } else {
        if (raw.size() != signature.size()) return false;
        std::ranges::copy(raw, signature.begin());
      }
      const auto in = A::prepare(message);
      return in && ready.check(*in, signature).has_value();
    };
  });
}

std::uint64_t nanoseconds(clock::duration time) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(std::chrono::nanoseconds{time}.count(), 0));
}

/// A signature that is verified when the clock has stopped.
struct sample {
  std::uint64_t number;
  bytes signature;
};

/// One thread of the load.
class lane {
public:
  lane(layer& from, const load& how, unsigned number) : from_{from}, how_{how}, number_{number} {}

  /// The worker, and a first signature, which is not counted: it may have to connect. A failure is.
  void get_ready() {
    auto made = from_.make_worker(number_);
    if (!made) return fail(made.error());
    worker_ = *std::move(made);
    unsigned waiting = 1;
    worker_->sign(message_.number(next()), [this, &waiting](const sealring::result<bytes>& signature) {
      --waiting;
      if (!signature) fail(signature.error());
    });
    while (waiting != 0) worker_->wait(clock::now() + std::chrono::seconds{1});
  }

  void go(clock::time_point begin) {
    begin_ = begin;
    const auto end = begin + std::chrono::duration_cast<clock::duration>(how_.time);
    // What was to start before the end and has to wait is part of the picture; but what falls behind for good must end.
    const auto last_start = end + (end - begin);
    if (worker_ == nullptr) return;
    prctl(PR_SET_TIMERSLACK, 1UL);  // a plan is kept to the microsecond
    for (std::uint64_t planned = 0;;) {
      const auto now = clock::now();
      const auto due = how_.rate == 0 ? now : planned_start(begin, planned);
      if (due >= end || now >= last_start || (how_.stop != nullptr && *how_.stop)) {
        if (how_.rate != 0)
          for (auto when = due; when < std::min(now, end); when = planned_start(begin, ++planned)) {
            ++part.unsent;
            part.latency.record(nanoseconds(now - when));
          }
        break;
      }
      if (due <= now && under_way_ < how_.shape.in_flight) {
        ++planned;
        start(due);
      } else if (under_way_ != 0) {
        worker_->wait(under_way_ < how_.shape.in_flight ? due : std::max(end, now + std::chrono::milliseconds{100}));
      } else {
        std::this_thread::sleep_until(due);
      }
    }
    for (const auto patience = clock::now() + std::chrono::seconds{60}; under_way_ != 0 && clock::now() < patience;)
      worker_->wait(patience);
    if (under_way_ != 0) part.errors["never answered"] += under_way_;
    ended = clock::now();
  }

  void verify(const judge& good) {
    for (const sample& one : samples_)
      if (good && good(message_.number(one.number), one.signature)) ++part.verified;
      else ++part.errors[std::string{wrong_signature}];
  }

  /// In the thread that has used it.
  void let_go() { worker_.reset(); }

  slice part;
  clock::time_point ended{};

private:
  std::uint64_t next() { return std::uint64_t{number_} << 40 | ++last_; }

  /// The threads take turns, so that all together are as even as one would be.
  clock::time_point planned_start(clock::time_point begin, std::uint64_t planned) const {
    const double turn = static_cast<double>(planned * how_.shape.threads + number_);
    return begin + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>{turn / how_.rate});
  }

  void start(clock::time_point intended) {
    ++under_way_;
    const auto number = next();
    const auto text = message_.number(number);
    const auto begun = clock::now();
    // A closed loop intends to start when it can, but for the message, which is not the layer's to pay for.
    if (how_.rate == 0) intended = begun;
    worker_->sign(text, [this, number, intended, begun](sealring::result<bytes> signature) {
      const auto now = clock::now();
      --under_way_;
      if (how_.trouble != nullptr) note(now, begun, intended, signature.has_value());
      if (!signature) return fail(signature.error());
      part.latency.record(nanoseconds(now - intended));
      if (how_.rate != 0) part.service.record(nanoseconds(now - begun));
      if (how_.verify_every != 0 && part.latency.count() % how_.verify_every == 1 % how_.verify_every)  // the first, too
        samples_.push_back({number, *std::move(signature)});
    });
  }

  void note(clock::time_point now, clock::time_point begun, clock::time_point intended, bool good) {
    auto& all = part.by_time ? *part.by_time : part.by_time.emplace();
    const auto at = static_cast<std::size_t>((now - begin_) / course::step);
    if (at >= all.moments.size()) all.moments.resize(at + 1);
    auto& moment = all.moments[at];
    ++(good ? moment.made : moment.failed);
    if (!good) return;
    moment.worst = std::max(moment.worst, nanoseconds(now - intended));
    if (const auto struck = how_.trouble->struck(); struck && begun >= *struck && all.recovered < 0)
      all.recovered = std::chrono::duration<double>(now - *struck).count();
  }

  void fail(std::error_code code) {
    ++part.errors[name_of(code)];
    if (how_.rate == 0 && under_way_ == 0)  // what fails at once would do nothing else
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }

  layer& from_;
  const load& how_;
  unsigned number_;
  certificate_verify message_;
  std::unique_ptr<worker> worker_;
  clock::time_point begin_{};
  std::uint64_t last_ = 0;
  unsigned under_way_ = 0;
  std::vector<sample> samples_;
};

}  // namespace

std::string name_of(std::error_code code) {
  std::string text = code.message();
  if (code.category() == hsm::pkcs11_category()) text.erase(std::min(text.find_first_of(" :"), text.size()));
  return text;
}

slice run(layer& from, algorithm_id algorithm, const load& how) {
  from.prepare(how.shape);
  bool pinned = true;
  if (how.cpu >= 0) {
    pinned = pin(::getpid(), how.cpu);
    for (const pid_t server : from.servers()) pinned = pin(server, how.cpu) && pinned;
  }
  std::vector<std::unique_ptr<lane>> lanes;
  for (unsigned i = 0; i != how.shape.threads; ++i) lanes.push_back(std::make_unique<lane>(from, how, i));
  clock::time_point begin;
  const auto parties = static_cast<std::ptrdiff_t>(lanes.size()) + 1;
  std::barrier ready{parties};
  std::barrier started{parties};
  std::barrier finished{parties};
  std::barrier counted{parties};
  std::vector<std::thread> threads;
  threads.reserve(lanes.size());
  std::size_t lacking = 0;
  try {
    for (const auto& one : lanes)
      threads.emplace_back([&, l = one.get()] {
        l->get_ready();
        ready.arrive_and_wait();
        started.arrive_and_wait();
        l->go(begin);
        finished.arrive_and_wait();
        counted.arrive_and_wait();
        l->let_go();
      });
  } catch (const std::system_error&) {  // a limit of this machine's, RLIMIT_NPROC say
    lacking = lanes.size() - threads.size();
  }
  for (std::size_t i = 0; i != lacking; ++i)
    for (auto* const all : {&ready, &started, &finished, &counted}) all->arrive_and_drop();
  ready.arrive_and_wait();
  const auto servers = from.servers();
  const usage theirs = usage_of(servers);
  const usage ours = usage_of_this_process();
  begin = clock::now();
  if (how.trouble != nullptr) how.trouble->begin(begin);
  started.arrive_and_wait();
  finished.arrive_and_wait();
  const usage ours_after = usage_of_this_process();
  const auto servers_after = from.servers();
  const usage theirs_after = usage_of(servers_after);
  counted.arrive_and_wait();
  for (auto& thread : threads) thread.join();

  slice all;
  const auto good =
      from.verifies_itself() ? judge{[](bytes_view, const bytes&) { return true; }} : judge_for(algorithm, from.public_key());
  auto end = begin;
  for (const auto& one : lanes) {
    one->verify(good);
    end = std::max(end, one->ended);
    all.latency.add(one->part.latency);
    all.service.add(one->part.service);
    all.verified += one->part.verified;
    all.unsent += one->part.unsent;
    if (one->part.by_time) (all.by_time ? *all.by_time : all.by_time.emplace()).add(*one->part.by_time);
    for (const auto& [name, count] : one->part.errors) all.errors[name] += count;
  }
  if (all.by_time)
    if (const auto struck = how.trouble->struck()) all.by_time->struck = std::chrono::duration<double>(*struck - begin).count();
  if (!pinned) ++all.errors["not kept on the CPU"];
  if (lacking != 0) all.errors["a thread that could not be started"] += lacking;
  if (servers_after != servers && how.trouble == nullptr) ++all.errors["a server was replaced, and its CPU time is not known"];
  all.seconds = std::chrono::duration<double>(end - begin).count();
  all.client_cpu = ours_after.cpu - ours.cpu;
  // A thread of a server may have ended meanwhile, and have taken its counts with it.
  all.server_cpu = std::max(theirs_after.cpu - theirs.cpu, 0.0);
  all.switches = ours_after.switches - ours.switches;
  if (theirs_after.switches > theirs.switches) all.switches += theirs_after.switches - theirs.switches;
  return all;
}

}  // namespace sealring::bench
