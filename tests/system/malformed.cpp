// Sends a keeper what no client of ours would: real frames mutated, cut off, swollen, split, and random octets.
//
// usage: malformed ADDRESS KEY AGENT COUNT      COUNT malformed frames to the keeper of that process
//
// Malformed is what our own decoder refuses, or the body of which it refuses; nothing else is sent. The keeper must be the same
// process afterwards, with no more descriptors, and no more than 1 MiB more memory than after the first
// twentieth of the frames (SEALRING_MEMORY=any: not looked at, where a sanitizer keeps what was freed).
#include "agent/client/connection.hpp"
#include "agent/client/transfer.hpp"
#include "keeper_process.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <thread>

namespace {

using namespace sealring;
using namespace std::chrono_literals;
using random = std::mt19937;
using wire::operation;

[[noreturn]] void give_up(const std::string& why) {
  std::cerr << "malformed: " << why << '\n';
  std::exit(1);
}

std::size_t pick(random& chance, std::size_t below) { return std::uniform_int_distribution<std::size_t>{0, below - 1}(chance); }
std::uint8_t octet(random& chance) { return static_cast<std::uint8_t>(chance()); }
bytes octets(random& chance, std::size_t size) {
  bytes out(size);
  for (auto& one : out) one = octet(chance);
  return out;
}

template <operation O>
bytes frame_of(std::string_view key, const typename wire::exchange<O>::request& body) {
  bytes out;
  const auto encoded = wire::encode(body);
  if (!encoded || !wire::append(out, wire::request{O, 7, key, *encoded})) give_up("cannot encode a frame");
  return out;
}

std::vector<bytes> real_frames(const std::string& key) {
  return {frame_of<operation::hello>({}, {}),
          frame_of<operation::describe>(key, {}),
          frame_of<operation::sign_message>(key, {{}, algorithm_id::es256, bytes(130, 0x20)}),
          frame_of<operation::sign_digest>(key, {{}, algorithm_id::rs256, bytes(32, 1)}),
          frame_of<operation::generate>(key, {}),
          frame_of<operation::adopt>(key, {}),
          frame_of<operation::retire>(key, {}),
          frame_of<operation::list>({}, {.offset = 1}),
          frame_of<operation::approve>({}, {.operation = "key-change", .key = key, .parameters = {"a", "b"}, .expires = 9}),
          frame_of<operation::finish>({}, {.number = 3}),
          frame_of<operation::reload>({}, {})};
}

template <operation... O>
bool body_decodes(const wire::request& r) {
  return ((r.what == O && wire::decode<typename wire::exchange<O>::request>(r.body)) || ...);
}

enum class kind { good, bad_body, bad_frame };

/// What the keeper's decoder makes of a frame that is sent whole.
kind judge(bytes_view frame) {
  const auto seen = wire::decode_request(frame);
  if (!seen || seen->missing > 0 || seen->used != frame.size()) return kind::bad_frame;
  return body_decodes<operation::hello, operation::describe, operation::sign_message, operation::sign_digest,
                      operation::generate, operation::adopt, operation::retire, operation::list, operation::approve,
                      operation::finish, operation::reload>(seen->frame)
             ? kind::good
             : kind::bad_body;
}

void put_length(bytes& frame, std::size_t length) {
  for (std::size_t i = 0; i != 4; ++i) frame[i] = static_cast<std::uint8_t>(length >> (8 * (3 - i)));
}

bytes mutate(random& chance, bytes frame) {
  constexpr std::size_t header = 11;  // before the key's name
  switch (pick(chance, 8)) {
    case 0:  // a few octets anywhere
      for (auto n = pick(chance, 4) + 1; n > 0; --n) frame[pick(chance, frame.size())] = octet(chance);
      break;
    case 1: put_length(frame, chance()); break;
    case 2: put_length(frame, pick(chance, 2 * wire::max_frame)); break;
    case 3: frame[4] = octet(chance); break;  // version
    case 4: frame[5] = octet(chance); break;  // operation
    case 5: {                                 // a random body behind a true header
      const auto body = octets(chance, pick(chance, pick(chance, 16) == 0 ? 60'000 : 200));
      frame.resize(std::min(frame.size(), header + frame[10]));
      frame.insert(frame.end(), body.begin(), body.end());
      put_length(frame, frame.size() - 4);
      break;
    }
    case 6:  // cut short, and says so
      frame.resize(std::max<std::size_t>(pick(chance, frame.size()), 4));
      put_length(frame, frame.size() - 4);
      break;
    default:  // longer than its fields, and says so
      frame.resize(frame.size() + pick(chance, 40) + 1, octet(chance));
      put_length(frame, frame.size() - 4);
  }
  return frame;
}

/// One that leaves the connection open: whole, and with a body that cannot be read.
bytes bad_body(random& chance, const std::vector<bytes>& real) {
  while (true) {
    auto frame = mutate(chance, real[pick(chance, real.size())]);
    if (judge(frame) == kind::bad_body) return frame;
  }
}

/// One that ends it.
bytes bad_frame(random& chance, const std::vector<bytes>& real) {
  if (pick(chance, 4) == 0) {
    auto noise = octets(chance, pick(chance, 300) + 16);
    if (judge(noise) == kind::bad_frame) return noise;
  }
  while (true) {
    auto frame = mutate(chance, real[pick(chance, real.size())]);
    if (judge(frame) == kind::bad_frame) return frame;
  }
}

bool send(int socket, bytes_view data) {
  while (!data.empty()) {
    const auto put = ::send(socket, data.data(), data.size(), MSG_NOSIGNAL);
    if (put <= 0) return false;
    data = data.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

void read_to_the_end(int socket) {
  std::uint8_t buffer[4096];
  while (::recv(socket, buffer, sizeof buffer, 0) > 0) {
  }
}

/// Malformed frames until a bad one ends the connection, or we do. How many they were.
std::size_t converse(random& chance, const std::vector<client::address>& keeper, const std::vector<bytes>& real) {
  const auto socket = client::dial(keeper, {}, std::chrono::steady_clock::now() + 20s);
  if (!socket) give_up(socket.error().text);
  const timeval patience{10, 0};
  ::setsockopt(socket->get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  bytes stream;
  std::size_t count = 0;
  for (auto more = pick(chance, 32); more > 0; --more, ++count) {
    const auto frame = bad_body(chance, real);
    stream.insert(stream.end(), frame.begin(), frame.end());
  }
  auto last = bad_frame(chance, real);
  ++count;
  const auto how = pick(chance, 4);
  if (how == 0) last.resize(pick(chance, last.size()) + 1);  // left in the middle
  stream.insert(stream.end(), last.begin(), last.end());
  bytes_view rest{stream};
  while (how % 2 == 1 && rest.size() > 1) {  // in pieces
    const auto piece = rest.first(pick(chance, std::min<std::size_t>(rest.size(), 3000)) + 1);
    if (!send(socket->get(), piece)) return count;
    rest = rest.subspan(piece.size());
  }
  if (!send(socket->get(), rest)) return count;
  if (how == 0 || how == 1) return count;  // gone without a word
  ::shutdown(socket->get(), SHUT_WR);
  read_to_the_end(socket->get());
  return count;
}

void send_malformed(const std::vector<client::address>& keeper, const std::string& key, std::size_t count, unsigned seed) {
  constexpr unsigned senders = 4;
  const auto real = real_frames(key);
  std::atomic<std::size_t> sent = 0;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i != senders; ++i)
    threads.emplace_back([&, i] {
      random chance{seed * senders + i};
      // Some that say half a word, and stay until the end.
      std::vector<client::descriptor> idle;
      for (int n = 0; n != 50; ++n) {
        auto socket = client::dial(keeper, {}, std::chrono::steady_clock::now() + 20s);
        if (!socket) give_up(socket.error().text);
        send(socket->get(), bytes_view{real[pick(chance, real.size())]}.first(pick(chance, 8) + 1));
        idle.push_back(*std::move(socket));
      }
      while (sent < count) sent += converse(chance, keeper, real);
    });
  for (auto& one : threads) one.join();
}

/// Once the keeper has seen that everybody is gone.
test::use settled(pid_t keeper, long descriptors) {
  test::use now;
  for (int i = 0; i != 500; ++i) {
    now = test::use_of(keeper);
    if (now.descriptors <= descriptors) break;
    std::this_thread::sleep_for(20ms);
  }
  return now;
}

}  // namespace

int main(int argument_count, char** arguments) {
  const std::vector<std::string> a{arguments, arguments + argument_count};
  if (a.size() != 5) give_up("usage: malformed ADDRESS KEY AGENT COUNT");
  const auto addresses = client::address::parse(std::span{&a[1], 1});
  if (!addresses) give_up(addresses.error().text);
  const pid_t agent = std::stoi(a[3]);
  const std::size_t count = std::stoul(a[4]);
  const auto keeper = test::keeper_of(agent);
  if (!keeper) give_up("there is no keeper");

  const auto idle = test::use_of(*keeper);
  if (idle.descriptors < 0) return 77;
  send_malformed(*addresses, a[2], count / 20, 1);
  const auto before = settled(*keeper, idle.descriptors);
  const auto begun = std::chrono::steady_clock::now();
  send_malformed(*addresses, a[2], count, 2);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  const auto after = settled(*keeper, before.descriptors);

  std::cout << count << " malformed frames in " << took.count() << " s; resident " << before.kilobytes << " kB before, "
            << after.kilobytes << " kB after; descriptors " << before.descriptors << " before, " << after.descriptors
            << " after\n";
  if (test::keeper_of(agent) != keeper) give_up("the keeper has died of it");
  if (after.descriptors > before.descriptors) give_up("descriptors are left open");
  const char* any = std::getenv("SEALRING_MEMORY");
  if (any == nullptr && after.kilobytes - before.kilobytes >= 1024) give_up("memory grows");
  return 0;
}
