// Full TLS 1.3 handshakes with servers that differ only in where their key is, in turns.
// usage: bench_handshakes ROUNDS SECONDS THREADS SERVER...
//
// A SERVER is KEY:WORKERS:SIDE:PORT:PID[,PID...]:[AGENT-PID[,...]]; those of one key and number of workers are measured
// together, the side "software" among them. Started by handshakes.sh.
#include "bench/measures.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <sstream>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace bench = sealring::bench;

namespace {

using clock = std::chrono::steady_clock;

struct slice {
  double seconds = 0, worker_cpu = 0, agent_cpu = 0, client_cpu = 0, made = 0, failed = 0;
};

struct server {
  std::string side;
  in_port_t port = 0;
  std::vector<pid_t> workers, agents;
  std::vector<slice> slices{};
};

using group = std::pair<std::string, int>;  // key, workers

std::vector<std::string> split(const std::string& text, char by) {
  std::vector<std::string> parts;
  std::istringstream in{text};
  for (std::string one; std::getline(in, one, by);) parts.push_back(one);
  return parts;
}

std::vector<pid_t> pids(const std::string& list) {
  std::vector<pid_t> all;
  for (const auto& one : split(list, ',')) all.push_back(std::atoi(one.c_str()));
  return all;
}

double cpu_of(const std::vector<pid_t>& processes) { return bench::usage_of(processes).cpu; }

/// A connection that asks for one page, and hangs up. False where it gets none.
bool one_handshake(SSL_CTX* ctx, in_port_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in there{};
  there.sin_family = AF_INET;
  there.sin_port = htons(port);
  there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bool good = ::connect(fd, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0;
  SSL* const tls = SSL_new(ctx);
  SSL_set_fd(tls, fd);
  constexpr char request[] = "GET / HTTP/1.0\r\n\r\n";
  char answer[1024];
  good = good && SSL_connect(tls) == 1 && SSL_session_reused(tls) == 0 && SSL_write(tls, request, sizeof request - 1) > 0 &&
         SSL_read(tls, answer, sizeof answer) > 12 && std::equal(answer + 8, answer + 12, " 204");
  SSL_free(tls);
  ::close(fd);
  ERR_clear_error();
  return good;
}

slice measure(SSL_CTX* ctx, const server& s, double seconds, unsigned threads) {
  static_cast<void>(one_handshake(ctx, s.port));  // it may have a socket to open
  std::atomic<bool> go_on{true};
  std::atomic<std::uint64_t> made{0}, failed{0};
  const double workers = cpu_of(s.workers), agents = cpu_of(s.agents), client = bench::usage_of_this_process().cpu;
  const auto start = clock::now();
  std::vector<std::thread> clients;
  for (unsigned i = 0; i != threads; ++i)
    clients.emplace_back([&] {
      while (go_on) ++(one_handshake(ctx, s.port) ? made : failed);
    });
  std::this_thread::sleep_for(std::chrono::duration<double>{seconds});
  go_on = false;
  for (auto& one : clients) one.join();
  slice done;
  done.seconds = std::chrono::duration<double>(clock::now() - start).count();
  done.worker_cpu = cpu_of(s.workers) - workers;
  done.agent_cpu = cpu_of(s.agents) - agents;
  done.client_cpu = bench::usage_of_this_process().cpu - client;
  done.made = static_cast<double>(made);
  done.failed = static_cast<double>(failed);
  return done;
}

struct interval {
  double low, middle, high;
};

double rate(const slice& s) { return s.made / s.seconds; }
double cpu(const slice& s) { return (s.worker_cpu + s.agent_cpu) / s.made; }

slice sum(const std::vector<slice>& side, const std::vector<std::size_t>& chosen) {
  slice all;
  for (const auto i : chosen) {
    all.seconds += side[i].seconds;
    all.worker_cpu += side[i].worker_cpu;
    all.agent_cpu += side[i].agent_cpu;
    all.client_cpu += side[i].client_cpu;
    all.made += side[i].made;
    all.failed += side[i].failed;
  }
  return all;
}

std::vector<std::size_t> all_of(const std::vector<slice>& side) {
  std::vector<std::size_t> every(side.size());
  for (std::size_t i = 0; i != every.size(); ++i) every[i] = i;
  return every;
}

/// 95 % of 2,000 draws of as many rounds, with replacement: the n-th slice of one side belongs to the n-th of the other.
template <class Figure>
interval ratio(Figure figure, const std::vector<slice>& of, const std::vector<slice>& to) {
  auto chosen = all_of(of);
  const double middle = figure(sum(of, chosen)) / figure(sum(to, chosen));
  std::mt19937 random{1};  // the same draws in each run: what differs is the slices
  std::uniform_int_distribution<std::size_t> any{0, of.size() - 1};
  std::vector<double> draws(2000);
  for (double& draw : draws) {
    for (auto& i : chosen) i = any(random);
    draw = figure(sum(of, chosen)) / figure(sum(to, chosen));
  }
  std::ranges::sort(draws);
  return {draws[draws.size() / 40], middle, draws[draws.size() - 1 - draws.size() / 40]};
}

void print(const group& g, const std::vector<server>& servers) {
  const auto& software = std::ranges::find(servers, "software", &server::side)->slices;
  const auto pkcs11 = std::ranges::find(servers, "pkcs11", &server::side);
  for (const server& s : servers) {
    const slice all = sum(s.slices, all_of(s.slices));
    const auto show = [](const interval& i) { std::printf("  %4.2f [%4.2f-%4.2f]", i.low > 0 ? i.middle : 0, i.low, i.high); };
    std::printf("%-8s %7d  %-9s %7.0f", g.first.c_str(), g.second, s.side.c_str(), rate(all));
    show(ratio(rate, s.slices, software));
    show(ratio(cpu, s.slices, software));
    if (pkcs11 != servers.end()) {
      show(ratio(rate, s.slices, pkcs11->slices));
      show(ratio(cpu, s.slices, pkcs11->slices));
    } else {
      std::printf("  %-16s  %-16s", "", "");
    }
    std::printf(" %7.0f %7.0f %7.0f %7.0f\n", all.worker_cpu / all.made * 1e6, all.agent_cpu / all.made * 1e6,
                all.client_cpu / all.made * 1e6, all.failed);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  const int rounds = std::atoi(argv[1]);
  const double seconds = std::atof(argv[2]);
  const auto threads = static_cast<unsigned>(std::atoi(argv[3]));
  std::map<group, std::vector<server>> groups;
  for (int i = 4; i < argc; ++i) {
    auto parts = split(argv[i], ':');
    parts.resize(6);
    groups[{parts[0], std::atoi(parts[1].c_str())}].push_back(
        {parts[2], static_cast<in_port_t>(std::atoi(parts[3].c_str())), pids(parts[4]), pids(parts[5])});
  }

  SSL_CTX* const ctx = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
  SSL_CTX_set1_groups_list(ctx, "X25519");
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  std::mt19937 random{std::random_device{}()};
  for (int round = 0; round < rounds; ++round)
    for (auto& [_, servers] : groups) {
      std::vector<server*> order;
      for (auto& one : servers) order.push_back(&one);
      std::ranges::shuffle(order, random);
      for (server* const one : order) one->slices.push_back(measure(ctx, *one, seconds, threads));
    }
  SSL_CTX_free(ctx);

  utsname kernel{};
  uname(&kernel);
  std::printf("%s, %u CPUs; %s\n%d slices of %.2f s a side, in random order; %u client threads on the same CPUs\n\n",
              bench::field("/proc/cpuinfo", "model name").c_str(), std::thread::hardware_concurrency(), kernel.release, rounds,
              seconds, threads);
  std::printf("%-8s %7s  %-9s %7s  %-16s  %-16s  %-16s  %-16s %7s %7s %7s %7s\n", "key", "workers", "side", "per s",
              "rate/software", "CPU/software", "rate/pkcs11", "CPU/pkcs11", "worker", "agent", "client", "failed");
  for (const auto& [g, servers] : groups) print(g, servers);
  std::printf(
      "\nratios with their 95 %% intervals; CPU in microseconds a handshake; CPU/... is that of worker and agent together\n");
}
