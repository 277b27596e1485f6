// Clients of a running keeper, as a TLS server's threads are: each signs TLS 1.3 handshakes with a key, and judges what it
// gets.
//
// usage: keeper_clients make ADDRESS KEY            makes the key unless it is there
//        keeper_clients once ADDRESS KEY            one signature; prints what became of it and the milliseconds it took
//        keeper_clients ask ADDRESS KEY COUNT       COUNT requests, each of which must be refused; counts them by their code
//        keeper_clients fill ADDRESS KEY            signs until nobody gets a signature any more; prints how many there were
//        keeper_clients strike ADDRESS KEY AGENT    does to the keeper of that process what standard input says, under load:
//                                                   lines "KILL 1000", with the milliseconds in which service must be back
//
// SEALRING_SLACK stretches what a busy or slow machine stretches: 2 means twice the time.
#include "agent/client/client_signer.hpp"
#include "keeper_process.hpp"
#include "sealring/verified.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <map>
#include <set>
#include <thread>

namespace {

using namespace sealring;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;
using milliseconds = std::chrono::milliseconds;

constexpr auto deadline = 2000ms;  // of every call: the client's own default
constexpr auto late = 1500ms;      // by which a thread that nobody wakes in time may miss it
constexpr std::size_t clients = 8;

double slack() {
  const char* said = std::getenv("SEALRING_SLACK");
  return said != nullptr ? std::stod(said) : 1;
}

long in_milliseconds(clock_type::duration d) { return std::chrono::round<milliseconds>(d).count(); }

[[noreturn]] void give_up(const std::string& why) {
  std::cerr << "keeper_clients: " << why << '\n';
  std::exit(1);
}

std::shared_ptr<client::connection> connect(const std::string& address) {
  auto to = client::connection::to(std::span{&address, 1}, {.deadline = deadline, .peers = {}, .on_refusal = {}});
  if (!to) give_up(to.error().text);
  return *std::move(to);
}

using signer = client::client_signer<es256>;

signer find(const std::string& address, const std::string& key) {
  auto found = client::remote_key::find(connect(address), key);
  if (!found) give_up(found.error().text);
  auto bound = signer::bind(*std::move(found));
  if (!bound) give_up(bound.error().text);
  return *std::move(bound);
}

/// What a server signs in a handshake (RFC 8446 section 4.4.3); the hash of the transcript by chance.
bytes handshake() {
  static const std::string known = std::string(64, ' ') + "TLS 1.3, server CertificateVerify" + '\0';
  bytes out(known.size() + 32);
  std::ranges::copy(known, out.begin());
  RAND_bytes(out.data() + known.size(), 32);
  return out;
}

struct outcome {
  clock_type::time_point sent, answered;
  std::error_code error;  // none: a signature that verifies
};

outcome sign(const signer& with) {
  const bytes message = handshake();
  outcome out{.sent = clock_type::now(), .answered = {}, .error = {}};
  const auto signature = with.sign_message(message);
  out.answered = clock_type::now();
  if (!signature) out.error = signature.error();
  else if (const auto good = verify<es256>(with.public_key(), message, *signature); !good) out.error = good.error();
  return out;
}

std::string text_of(const std::error_code& e) { return e ? e.message() : "signature"; }

// --- strike -----------------------------------------------------------------------------------------------------------------

/// Threads that sign until they are told to stop, and remember everything.
class load {
public:
  load(const std::string& address, const std::string& key) {
    for (auto& mine : done_) {
      auto with = find(address, key);
      threads_.emplace_back([this, &mine, with = std::move(with)] {
        while (!stop_) {
          const outcome one = sign(with);
          const std::lock_guard lock{mutex_};
          mine.push_back(one);
        }
      });
    }
  }
  load(const load&) = delete;
  load& operator=(const load&) = delete;
  ~load() { stop(); }
  void stop() {
    stop_ = true;
    for (auto& one : threads_)
      if (one.joinable()) one.join();
  }

  /// When each client had its first good signature of a request that it sent after `since`, the earliest first; fewer than
  /// there are clients while some still wait.
  std::vector<clock_type::time_point> good_after(clock_type::time_point since) {
    const std::lock_guard lock{mutex_};
    std::vector<clock_type::time_point> out;
    for (const auto& mine : done_)
      for (auto one = mine.rbegin(), best = mine.rend();; ++one) {
        if (one != mine.rend() && one->answered > since) {
          if (!one->error && one->sent > since) best = one;
          continue;
        }
        if (best != mine.rend()) out.push_back(best->answered);
        break;
      }
    std::ranges::sort(out);
    return out;
  }

  /// Only after stop().
  const std::array<std::vector<outcome>, clients>& done() const { return done_; }

private:
  std::mutex mutex_;
  std::array<std::vector<outcome>, clients> done_;
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> threads_;
};

template <class Condition>
bool wait_for(clock_type::duration patience, Condition holds) {
  const auto until = clock_type::now() + patience;
  while (!holds()) {
    if (clock_type::now() > until) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

bool strike_once(load& signing, pid_t agent, const std::string& signal, milliseconds limit) {
  // In good health, for the second after which a supervisor forgives the last death.
  const auto calm = clock_type::now() + 1200ms;
  if (!wait_for(20s, [&] { return clock_type::now() > calm && signing.good_after(calm).size() == clients; }))
    give_up("no signatures to begin with");
  const auto keeper = test::keeper_of(agent);
  if (!keeper) give_up("there is no keeper");
  if (::kill(*keeper, signal == "KILL" ? SIGKILL : SIGSTOP) != 0) give_up("the keeper cannot be struck");
  if (signal == "STOP" && !wait_for(10s, [&] { return test::is_stopped(*keeper); })) give_up("the keeper does not stop");
  const auto struck = clock_type::now();
  if (!wait_for(30s, [&] { return signing.good_after(struck).size() == clients; })) give_up("service does not come back");
  const auto back = signing.good_after(struck);
  const auto first = back.front() - struck, all = back.back() - struck;
  const bool in_time = first <= limit * slack();
  std::cout << "SIG" << signal << ": service was back after " << in_milliseconds(first) << " ms, for all " << clients
            << " clients after " << in_milliseconds(all) << " ms" << (in_time ? "" : ": TOO LATE") << std::endl;
  return in_time;
}

int strike(const std::string& address, const std::string& key, pid_t agent) {
  load signing{address, key};
  bool good = true;
  std::string signal;
  for (long limit = 0; std::cin >> signal >> limit;) {
    // One that is late may be the machine's, which has other things to do; three in a row are ours.
    bool in_time = false;
    for (int tries = 0; tries != 3 && !in_time; ++tries) in_time = strike_once(signing, agent, signal, milliseconds{limit});
    good = good && in_time;
  }
  signing.stop();

  std::map<std::string, std::size_t> counts;
  std::size_t bad = 0;
  clock_type::duration longest{};
  for (const auto& mine : signing.done())
    for (const auto& one : mine) {
      ++counts[text_of(one.error)];
      longest = std::max(longest, one.answered - one.sent);
      // A typed error is the wire's; anything else, a signature that does not verify above all, is our defeat.
      if (one.error && one.error.category() != wire::wire_category()) ++bad;
      if (one.error == wire::errc::bad_answer) ++bad;
    }
  for (const auto& [what, count] : counts) std::cout << count << ' ' << what << '\n';
  std::cout << "the longest took " << in_milliseconds(longest) << " ms\n";
  if (bad != 0) give_up(std::to_string(bad) + " requests ended neither in a good signature nor in a typed error");
  if (longest > deadline + late * slack()) give_up("a request went past its deadline");
  return good ? 0 : 1;
}

// --- the others -------------------------------------------------------------------------------------------------------------

int make(const std::string& address, const std::string& key) {
  const auto keeper = connect(address);
  if (keeper->describe(key)) return 0;
  wire::key_id id;
  RAND_bytes(id.id.data(), static_cast<int>(id.id.size()));
  const auto made = keeper->generate(key, id, 30s);
  if (!made) give_up(made.error().text);
  const auto adopted = keeper->adopt(key, id);
  if (!adopted) give_up(adopted.error().text);
  return 0;
}

int once(const std::string& address, const std::string& key) {
  const auto begun = clock_type::now();
  const auto keeper = connect(address);
  const auto key_found = client::remote_key::find(keeper, key);
  std::string what;
  if (!key_found) {
    what = key_found.error().text;
  } else {
    std::string words;
    const auto signature = keeper->sign_message(key, {(*key_found)->spki_sha256, algorithm_id::es256, handshake()});
    if (!signature) what = signature.error().text;
  }
  std::cout << in_milliseconds(clock_type::now() - begun) << " ms: " << (what.empty() ? "signature" : what) << '\n';
  return what.empty() ? 0 : 1;
}

int ask(const std::string& address, const std::string& key, std::size_t count) {
  std::map<std::string, std::size_t> counts;
  std::mutex mutex;
  std::vector<std::thread> threads;
  clock_type::duration longest{};
  for (std::size_t thread = 0; thread != clients; ++thread)
    threads.emplace_back([&, mine = count / clients + (thread < count % clients ? 1 : 0)] {
      const auto keeper = connect(address);
      for (std::size_t i = 0; i != mine; ++i) {
        const auto begun = clock_type::now();
        const auto answer = keeper->sign_message(key, {{}, algorithm_id::es256, handshake()});
        const auto took = clock_type::now() - begun;
        const std::lock_guard lock{mutex};
        ++counts[answer ? "signature" : answer.error().code.message()];
        longest = std::max(longest, took);
      }
    });
  for (auto& one : threads) one.join();
  for (const auto& [what, number] : counts) std::cout << number << ' ' << what << '\n';
  std::cout << "the longest took " << in_milliseconds(longest) << " ms\n";
  return counts.contains("signature") ? 1 : 0;
}

int fill(const std::string& address, const std::string& key) {
  std::atomic<std::size_t> released = 0;
  std::mutex mutex;
  std::set<std::string> refusals;
  std::vector<std::thread> threads;
  std::vector<std::shared_ptr<const client::remote_key>> keys;
  for (std::size_t i = 0; i != clients; ++i) {
    auto found = client::remote_key::find(connect(address), key);
    if (!found) give_up(found.error().text);
    keys.push_back(*std::move(found));
  }
  for (const auto& with : keys) {
    threads.emplace_back([&, with] {
      for (int refused = 0; refused != 50;) {
        const auto signature = with->keeper->sign_message(key, {with->spki_sha256, algorithm_id::es256, handshake()});
        if (signature) {
          ++released;
          continue;
        }
        ++refused;
        const std::lock_guard lock{mutex};
        refusals.insert(signature.error().text);
      }
    });
  }
  for (auto& one : threads) one.join();
  std::cout << released << " released\n";
  for (const auto& why : refusals) std::cout << "refused: " << why << '\n';
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> a{arguments, arguments + count};
  if (a.size() == 4 && a[1] == "make") return make(a[2], a[3]);
  if (a.size() == 4 && a[1] == "once") return once(a[2], a[3]);
  if (a.size() == 5 && a[1] == "ask") return ask(a[2], a[3], std::stoul(a[4]));
  if (a.size() == 4 && a[1] == "fill") return fill(a[2], a[3]);
  if (a.size() == 5 && a[1] == "strike") return strike(a[2], a[3], std::stoi(a[4]));
  give_up("see the head of its source for how it is used");
}
