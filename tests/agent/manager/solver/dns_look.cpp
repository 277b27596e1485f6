#include "agent/manager/solver/dns_look.hpp"

#include "agent/scratch.hpp"
#include "agent/supervisor/descriptor.hpp"

#include <atomic>
#include <thread>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

using namespace sealring;
using namespace sealring::agent;
using namespace sealring::test;
using Catch::Contains;

namespace {

// A name server by UDP on 127.0.0.1, and the resolver that leads to it: every name is a zone's, and has this one server.
class fake_server {
public:
  unsigned rcode = 0;  // of the answers for TXT
  bool authoritative = true;
  std::string txt = "other";
  bool wrong_id = false;  // answers to another question, and again and again

  fake_server() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof any;
    REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&any), size) == 0);
    REQUIRE(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&any), &size) == 0);
    port_ = ntohs(any.sin_port);
  }
  fake_server(const fake_server&) = delete;
  fake_server& operator=(const fake_server&) = delete;
  ~fake_server() {
    over_ = true;
    if (thread_.joinable()) thread_.join();
  }

  void start() {
    thread_ = std::thread([this] { run(); });
  }
  [[nodiscard]] endpoint address() const { return {"127.0.0.1", port_}; }
  [[nodiscard]] dns_lookup lookup() const { return dns_lookup::make({.resolver = address().text()}, address().text()).value(); }

private:
  void run() {
    char question[512];
    while (!over_) {
      pollfd readable{socket_.get(), POLLIN, 0};
      if (::poll(&readable, 1, 20) != 1) continue;
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const ssize_t got = ::recvfrom(socket_.get(), question, sizeof question, 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (got < 12) continue;
      const auto answer = answer_to({question, static_cast<std::size_t>(got)});
      do {
        ::sendto(socket_.get(), answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&from), size);
        if (wrong_id) std::this_thread::sleep_for(std::chrono::milliseconds(50));
      } while (wrong_id && !over_);
    }
  }

  // RFC 1035 section 4.1: the header, the question again, and one record at its name.
  [[nodiscard]] std::string answer_to(std::string_view question) const {
    const std::size_t end = question.find('\0', 12) + 5;
    const auto type = static_cast<dns_type>(question[end - 3]);
    const unsigned code = type == dns_type::txt ? rcode : 0;
    const auto data = code == 0 ? data_of(type) : std::string();
    std::string out(question.substr(0, end));
    if (wrong_id) out[0] = static_cast<char>(~out[0]);
    out[2] = static_cast<char>(authoritative ? 0x84 : 0x80);
    out[3] = static_cast<char>(code);
    out.replace(4, 8, std::string("\0\1\0\0\0\0\0\0", 8));
    if (data.empty()) return out;
    out[7] = 1;
    out += std::string("\xc0\x0c\0", 3) + static_cast<char>(type) + std::string("\0\1\0\0\0\1\0", 7);
    return out + static_cast<char>(data.size()) + data;
  }

  [[nodiscard]] std::string data_of(dns_type type) const {
    switch (type) {
      case dns_type::soa: return std::string(22, '\0');
      case dns_type::ns: return {"\2ns\0", 4};
      case dns_type::a: return {"\x7f\0\0\1", 4};
      case dns_type::txt: return static_cast<char>(txt.size()) + txt;
      default: return {};
    }
  }

  descriptor socket_;
  std::uint16_t port_ = 0;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

finding look(const fake_server& server) {
  return look_at_record(server.lookup(), {"_acme-challenge.a.test", "_acme-challenge.a.test", "proof"},
                        std::chrono::seconds(0));
}

}  // namespace

TEST_CASE("a name server that has the zone is believed", "[dns_look]") {
  fake_server server;
  SECTION("seen") {
    server.txt = "proof";
    server.start();
    CHECK(look(server).seen());
  }
  SECTION("not seen") {
    server.start();
    const auto found = look(server);
    CHECK((found.what == finding::kind::wrong));
    CHECK_THAT(found.text, Contains("ns (127.0.0.1) shows other values only (1)"));
  }
  SECTION("no such name") {
    server.rcode = 3;
    server.start();
    const auto found = look(server);
    CHECK((found.what == finding::kind::wrong));
    CHECK_THAT(found.text, Contains("ns (127.0.0.1) does not have it"));
  }
}

TEST_CASE("of one that has not, nothing is learnt", "[dns_look]") {
  fake_server server;
  std::string said = "does not answer for the zone";
  SECTION("it says so") {
    server.rcode = 5;
    said = "says REFUSED";
  }
  SECTION("somebody in between answers") { server.authoritative = false; }
  server.start();
  const auto found = look(server);
  CHECK((found.what == finding::kind::uncertain));
  CHECK_THAT(found.text, Contains("ns (127.0.0.1) " + said));
}

TEST_CASE("answers to other questions do not hold us", "[dns_look]") {
  fake_server server;
  server.wrong_id = true;
  server.start();
  const auto begun = std::chrono::steady_clock::now();
  const auto answer = dns_ask(server.address(), "a.test", dns_type::txt, false, within(std::chrono::seconds(1)));
  CHECK(answer.has_error());
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
}
