// Signing through the keeper's socket beside signing with PKCS#11 in the same program: same token, same keys, in turns.
// usage: bench_agent MODULE TOKEN PIN-FILE FOLDER ROUNDS SLICE-SECONDS table|json [--floor] NAME:SOCKET:SUPERVISOR:KEEPER...
//
// bench/agent.sh makes all that and starts the agents; each must have certificates named p256 and rsa2048 for our user.

#include "agent/client/client_signer.hpp"
#include "direct.hpp"
#include "report.hpp"
#include "watch.hpp"

#include "sealring/verified.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

namespace bench {

void give_up(const std::string& why) {
  std::cerr << "bench_agent: " << why << '\n';
  std::_Exit(1);
}

namespace {

using namespace sealring;
using clock = std::chrono::steady_clock;

struct agent {
  std::string name;
  pid_t supervisor = 0;
  pid_t keeper = 0;
  std::shared_ptr<client::connection> keeper_link;
  std::vector<key> keys;
};

std::string words_of(const client::refusal& r) { return r.text; }
std::string words_of(std::error_code e) { return e.message(); }

template <class T, class E>
T must(sealring::basic_result<T, E> r, const std::string& what) {
  if (!r) give_up(what + ": " + words_of(r.error()));
  return *std::move(r);
}

agent reach(const std::string& text) {
  std::array<std::string, 4> parts;
  std::istringstream in{text};
  for (auto& part : parts) std::getline(in, part, ':');
  agent a{.name = parts[0], .supervisor = std::stoi(parts[2]), .keeper = std::stoi(parts[3]), .keeper_link = {}, .keys = {}};
  a.keeper_link = must(client::connection::to(std::array{parts[1]}, {.deadline = std::chrono::seconds{60}}), parts[1]);
  return a;
}

/// Makes the agent's two keys, as an operator may.
void make_keys(agent& a) {
  for (const std::string& name : {std::string{"p256"}, std::string{"rsa2048"}}) {
    wire::key_id id;
    std::ifstream{"/dev/urandom"}.read(reinterpret_cast<char*>(id.id.data()), id.id.size());
    static_cast<void>(must(a.keeper_link->generate(name, id), "making the key " + name));
    if (auto adopted = a.keeper_link->adopt(name, id); !adopted) give_up("adopting the key " + name);
    const auto remote = must(client::remote_key::find(a.keeper_link, name), name);
    // TLS 1.3 takes no PKCS#1 v1.5 from an RSA key (RFC 8446 section 4.2.3).
    const auto algorithm = name == "p256" ? algorithm_id::es256 : algorithm_id::ps256;
    a.keys.push_back({name, algorithm, bytes(id.id.begin(), id.id.end()), remote->public_key});
  }
}

side through_the_socket(const agent& a, const key& k) {
  const auto remote = must(client::remote_key::find(a.keeper_link, k.type), k.type);
  return [remote, algorithm = k.algorithm]() -> sign_one {
    return [remote, algorithm](bytes_view message) {
      return must(remote->sign(wire::operation::sign_message, algorithm, message), "the keeper");
    };
  };
}

/// What a TLS 1.3 server signs (RFC 8446 section 4.4.3), with another transcript's hash each time.
class certificate_verify {
public:
  explicit certificate_verify(std::uint64_t seed) : text_(64, 0x20), number_{seed << 40} {
    for (const char c : std::string_view{"TLS 1.3, server CertificateVerify"}) text_.push_back(static_cast<std::uint8_t>(c));
    text_.resize(text_.size() + 1 + sha256::size);
  }
  bytes_view next() {
    ++number_;
    for (std::size_t i = 0; i != sizeof number_; ++i) text_[text_.size() - 1 - i] = static_cast<std::uint8_t>(number_ >> 8 * i);
    return text_;
  }

private:
  bytes text_;
  std::uint64_t number_;
};

void check(const key& k, bytes_view message, const bytes& signature) {
  bool good = false;
  if (k.algorithm == algorithm_id::ps256) {
    good = verify<ps256>(std::get<rsa_public_key>(k.public_key), message, signature).has_value();
  } else if (es256::signature fixed; signature.size() == fixed.size()) {
    std::ranges::copy(signature, fixed.begin());
    good = verify<es256>(std::get<es256::public_key>(k.public_key), message, fixed).has_value();
  }
  if (!good) give_up("a signature that does not verify");
}

/// `clients` threads sign as fast as they can. `keeper`: whose CPU time counts, too; 0: none.
slice measure(const key& k, const side& how, unsigned clients, double seconds, pid_t keeper) {
  slice out;
  std::vector<std::vector<float>> latencies(clients);
  std::atomic<bool> stop = false;
  std::barrier ready{static_cast<std::ptrdiff_t>(clients) + 1};
  std::vector<std::thread> threads;
  for (unsigned c = 0; c != clients; ++c)
    threads.emplace_back([&, c] {
      const auto sign = how();
      certificate_verify message{c};
      const auto first = message.next();  // not counted: it may have to connect
      check(k, first, sign(first));
      ready.arrive_and_wait();
      while (!stop) {
        const auto text = message.next();
        const auto begin = clock::now();
        static_cast<void>(sign(text));
        latencies[c].push_back(std::chrono::duration<float, std::micro>(clock::now() - begin).count());
      }
    });
  ready.arrive_and_wait();
  const auto begin = clock::now();
  const usage ours = usage_of_this_process();
  const usage theirs = keeper != 0 ? usage_of(keeper) : usage{};
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  stop = true;
  for (auto& thread : threads) thread.join();
  out.seconds = std::chrono::duration<double>(clock::now() - begin).count();
  const usage ours_after = usage_of_this_process();
  const usage theirs_after = keeper != 0 ? usage_of(keeper) : usage{};
  out.cpu = ours_after.cpu - ours.cpu + theirs_after.cpu - theirs.cpu;
  out.switches = ours_after.switches - ours.switches + theirs_after.switches - theirs.switches;
  for (const auto& each : latencies) out.latencies.insert(out.latencies.end(), each.begin(), each.end());
  if (out.latencies.empty()) give_up("not one signature in a slice: make it longer");
  return out;
}

struct cell {
  const agent* of;
  const key* with;
  row result;
};

/// One more slice of each side; which goes first changes from round to round.
void take_turns(cell& c, unsigned round, double seconds, bool with_floor) {
  const int cpu = c.result.clients == 1 ? 0 : -1;
  pin(::getpid(), cpu);
  pin(c.of->keeper, cpu);
  const std::pair<std::vector<slice>*, side> turns[] = {{&c.result.direct, directly(*c.with, manner::token_object)},
                                                        {&c.result.socket, through_the_socket(*c.of, *c.with)},
                                                        {&c.result.copy, directly(*c.with, manner::copy)},
                                                        {&c.result.echo, directly(*c.with, manner::copy_after_echo)}};
  const unsigned count = with_floor ? 4 : 2;
  for (unsigned i = 0; i != count; ++i) {
    const auto& [slices, how] = turns[(i + round) % count];
    const pid_t keeper = slices == &c.result.socket ? c.of->keeper : 0;
    slices->push_back(measure(*c.with, how, c.result.clients, seconds, keeper));
  }
}

int run(std::vector<std::string> arguments) {
  if (arguments.size() < 8) give_up("usage: see bench/agent.sh");
  const std::string& module = arguments[0];
  std::string pin_text;
  std::getline(std::ifstream{arguments[2]} >> std::ws, pin_text);
  report out{.processor = processor(),
             .kernel = kernel(),
             .module = module,
             .token = arguments[1],
             .sync_seconds = sync_cost(arguments[3]),
             .rounds = static_cast<unsigned>(std::stoul(arguments[4])),
             .slice_seconds = std::stod(arguments[5])};
  const bool json = arguments[6] == "json";
  const bool with_floor = arguments[7] == "--floor";
  std::vector<agent> agents;
  for (std::size_t i = with_floor ? 8 : 7; i != arguments.size(); ++i) agents.push_back(reach(arguments[i]));

  std::vector<cell> cells;
  for (agent& a : agents) {
    make_keys(a);
    for (const unsigned clients : {1U, 8U})
      for (const key& k : a.keys) cells.push_back({&a, &k, {.agent = a.name, .key = k.type, .clients = clients}});
  }
  for (const cell& c : cells)
    static_cast<void>(measure(*c.with, through_the_socket(*c.of, *c.with), c.result.clients, out.slice_seconds, 0));
  out.client_kib = resident_kib(::getpid());

  open_token(module, arguments[1], pin_text);
  for (unsigned round = 0; round != out.rounds; ++round)
    for (std::size_t i = 0; i != cells.size(); ++i)
      take_turns(cells[(i + round) % cells.size()], round, out.slice_seconds, with_floor);

  out.direct_kib = resident_kib(::getpid());
  for (const agent& a : agents) out.agents.push_back({a.name, resident_kib(a.supervisor), resident_kib(a.keeper)});
  for (cell& c : cells) out.rows.push_back(std::move(c.result));
  json ? print_json(out) : print_table(out);
  std::fflush(stdout);
  std::_Exit(0);  // past the module's own end, which has its traps
}

}  // namespace
}  // namespace bench

int main(int count, char** words) { return bench::run({words + 1, words + count}); }
