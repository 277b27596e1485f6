#include "agent/manager/solver/dns_exchange.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <poll.h>

namespace sealring::agent {
namespace {

constexpr std::size_t header = 12;
constexpr auto before_asking_again = std::chrono::seconds(1);

// Same ID, and marked as an answer: a socket that is connected hears nobody but the server.
bool answers(bytes_view answer, const bytes& question) {
  return answer.size() >= header && question.size() >= header && answer[0] == question[0] && answer[1] == question[1] &&
         (answer[2] & 0x80) != 0;
}

failure silent(const endpoint& server) { return fail(condition::retry_later, server.text() + " does not answer"); }

}  // namespace

result<bytes> dns_exchange_udp(const endpoint& server, const bytes& question, deadline until) {
  const auto socket = connect_to(server, SOCK_DGRAM, until);
  if (!socket) return socket.error();
  std::array<std::uint8_t, 65535> buffer;
  while (std::chrono::steady_clock::now() < until) {
    if (auto sent = send_all(socket->get(), as_text(question), until); !sent)
      return fail(condition::retry_later, server.text() + ": " + sent.error().what);
    const deadline again = std::min(until, std::chrono::steady_clock::now() + before_asking_again);
    // Also while something comes: answers to other questions must not hold us.
    while (std::chrono::steady_clock::now() < again && wait_for(socket->get(), POLLIN, again)) {
      const ssize_t got = ::recv(socket->get(), buffer.data(), buffer.size(), 0);
      if (got < 0 && errno != EINTR && errno != EAGAIN)
        return fail(condition::retry_later, server.text() + ": " + std::generic_category().message(errno));
      const bytes_view answer(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
      if (answers(answer, question)) return bytes(answer.begin(), answer.end());
    }
  }
  return silent(server);
}

result<bytes> dns_exchange_tcp(const endpoint& server, const bytes& question, deadline until) {
  const auto socket = connect_to(server, SOCK_STREAM, until);
  if (!socket) return socket.error();
  // Two octets of length before each message (section 4.2.2).
  std::string out{static_cast<char>(question.size() >> 8), static_cast<char>(question.size() & 0xff)};
  out += as_text(question);
  std::array<std::uint8_t, 2> length{};
  const auto in = [&](std::uint8_t* to, std::size_t size) {
    return receive_all(socket->get(), reinterpret_cast<char*>(to), size, until);
  };
  bytes answer;
  auto done = send_all(socket->get(), out, until);
  if (done) done = in(length.data(), length.size());
  if (done) {
    answer.resize(static_cast<std::size_t>(length[0]) << 8 | length[1]);
    done = in(answer.data(), answer.size());
  }
  if (!done) return fail(condition::retry_later, server.text() + ": " + done.error().what);
  if (!answers(answer, question)) return fail(condition::retry_later, server.text() + " answered another question");
  return answer;
}

}  // namespace sealring::agent
