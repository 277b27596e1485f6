// Very many signatures through a running agent's socket, and what the memory of its processes does meanwhile: for
// bench/soak.sh.
//
// usage: bench_soak ADDRESS KEY SIGNATURES THREADS LIMIT ROLE=PID...
//
// Exits 1 if a signature is missing, or if a process has grown by more than LIMIT KiB: by the line of least squares through its
// resident set size over the last nine tenths of the run.
#include "agent/client/client_signer.hpp"
#include "sealring/verified.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>

namespace {

using namespace sealring;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t verify_every = 100;
constexpr std::size_t too_many_errors = 1000;  // then nothing is to be learnt from more

[[noreturn]] void give_up(const std::string& why) {
  std::cerr << "bench_soak: " << why << '\n';
  std::exit(1);
}

using signer = client::client_signer<es256>;

signer find(const std::string& address, const std::string& key) {
  auto to = client::connection::to(std::span{&address, 1}, {.deadline = 10s, .peers = {}, .on_refusal = {}});
  if (!to) give_up(to.error().text);
  auto found = client::remote_key::find(*std::move(to), key);
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

/// Threads that sign until they have made so many signatures together.
class load {
public:
  load(const std::string& address, const std::string& key, std::size_t signatures, std::size_t threads) : wanted_{signatures} {
    for (std::size_t i = 0; i != threads; ++i) threads_.emplace_back([this, with = find(address, key)] { work(with); });
  }
  load(const load&) = delete;
  load& operator=(const load&) = delete;
  ~load() {
    stop_ = true;
    join();
  }

  std::size_t done() const { return done_; }
  bool over() const { return done_ == wanted_ || stop_; }
  void join() {
    for (auto& one : threads_)
      if (one.joinable()) one.join();
  }
  /// Only after join().
  const std::map<std::string, std::size_t>& errors() const { return errors_; }

private:
  void work(const signer& with) {
    while (!stop_) {
      const std::size_t mine = begun_++;
      if (mine >= wanted_) return;
      const bytes message = handshake();
      const auto signature = with.sign_message(message);
      std::error_code wrong;
      if (!signature) wrong = signature.error();
      else if (mine % verify_every == 0)
        if (const auto good = verify<es256>(with.public_key(), message, *signature); !good) wrong = good.error();
      ++done_;
      if (!wrong) continue;
      const std::lock_guard lock{mutex_};
      ++errors_[wrong.message()];
      if (++failed_ == too_many_errors) stop_ = true;
    }
  }

  const std::size_t wanted_;
  std::atomic<std::size_t> begun_ = 0, done_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, std::size_t> errors_;
  std::size_t failed_ = 0;
  std::vector<std::thread> threads_;
};

/// A process of the agent's, and its size by the signatures made.
struct role {
  std::string name, pid;
  std::vector<std::pair<double, double>> sizes{};  // KiB

  bool look(std::size_t signatures) {
    std::ifstream status{"/proc/" + pid + "/status"};
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmRSS:")) {
        sizes.emplace_back(static_cast<double>(signatures), std::stod(line.substr(6)));
        return true;
      }
    return false;
  }

  /// By how much it has grown over the last nine tenths.
  double growth() const {
    const double first = sizes.back().first / 10;
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (const auto& [at, size] : sizes) {
      if (at < first) continue;
      n += 1;
      x += at;
      y += size;
      xx += at * at;
      xy += at * size;
    }
    const double spread = n * xx - x * x;
    return spread <= 0 ? 0 : (n * xy - x * y) / spread * (sizes.back().first - first);
  }
};

void look_at_all(std::vector<role>& roles, std::size_t signatures) {
  for (role& one : roles)
    if (!one.look(signatures)) give_up("the " + one.name + " has gone: process " + one.pid);
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> a{arguments, arguments + count};
  if (a.size() < 7) give_up("usage: bench_soak ADDRESS KEY SIGNATURES THREADS LIMIT ROLE=PID...");
  const std::size_t signatures = std::stoul(a[3]);
  const double limit = std::stod(a[5]);
  std::vector<role> roles;
  for (std::size_t i = 6; i != a.size(); ++i) {
    const auto equals = a[i].find('=');
    if (equals == std::string::npos) give_up(a[i] + " is not ROLE=PID");
    roles.push_back({a[i].substr(0, equals), a[i].substr(equals + 1)});
  }

  load signing{a[1], a[2], signatures, std::stoul(a[4])};
  const auto begun = clock_type::now();
  // Two hundred looks, however fast it is.
  for (std::size_t next = 0; !signing.over(); std::this_thread::sleep_for(5ms))
    if (const auto done = signing.done(); done >= next) {
      look_at_all(roles, done);
      next = done + signatures / 200;
    }
  signing.join();
  const std::chrono::duration<double> took = clock_type::now() - begun;
  look_at_all(roles, signing.done());

  std::size_t failed = 0;
  for (const auto& [what, number] : signing.errors()) {
    std::printf("error: %zu x %s\n", number, what.c_str());
    failed += number;
  }
  const auto made = signing.done() - failed;
  std::printf("%zu signatures of %zu in %.1f s, %.0f a second; %zu errors\n", made, signatures, took.count(),
              static_cast<double>(made) / took.count(), failed);
  bool good = made == signatures;
  for (const role& one : roles) {
    const double growth = one.growth();
    const bool flat = growth <= limit;
    std::printf("%-8s RSS %.0f KiB at the start, %.0f at the end; %+.0f KiB over the last nine tenths%s\n", one.name.c_str(),
                one.sizes.front().second, one.sizes.back().second, growth, flat ? "" : ": TOO MUCH");
    good = good && flat;
  }
  return good ? 0 : 1;
}
