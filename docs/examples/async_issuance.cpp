// A certificate without blocking: coroutines over standalone Asio, curl on the same loop, and a key that blocks elsewhere.
//
// usage: async_issuance DIRECTORY-URL CA-FILE HTTP-01-PORT NAME

#include "sealring/acme/async_client.hpp"
#include "sealring/http/curl_asio.hpp"
#include "sealring/offload.hpp"
#include "sealring/software_key.hpp"

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/read_until.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <iostream>
#include <map>

using namespace sealring;
using asio::use_awaitable;

/// Four functions make a challenge solver: this one is a web server on the loop. It presents at once, so it need not wait.
class my_solver {
public:
  my_solver(asio::io_context& loop, unsigned short port) : acceptor_{loop, {asio::ip::address_v4::loopback(), port}} {
    asio::co_spawn(loop, serve(), asio::detached);
  }

  const acme::challenge* choose(const acme::authorization& a) const noexcept { return a.find(acme::http01); }

  template <class Token>
  auto async_present(const identifier&, const acme::challenge& c, const std::string& key_authorization, Token&& token) {
    shown_["/.well-known/acme-challenge/" + c.token] = key_authorization;
    return succeed(std::forward<Token>(token));
  }
  template <class Token>
  auto async_look(const identifier&, const acme::challenge&, const std::string&, Token&& token) {
    return succeed(std::forward<Token>(token));
  }
  template <class Token>
  auto async_clean_up(const identifier&, const acme::challenge& c, Token&& token) {
    shown_.erase("/.well-known/acme-challenge/" + c.token);
    return asio::post(acceptor_.get_executor(), std::forward<Token>(token));
  }

  void stop() { acceptor_.close(); }

private:
  template <class Token>
  auto succeed(Token&& token) {
    return asio::async_initiate<Token, void(acme::result<void>)>(
        [this](auto handler) {
          asio::post(acceptor_.get_executor(),
                     [handler = std::move(handler)]() mutable { std::move(handler)(acme::result<void>{}); });
        },
        token);
  }

  asio::awaitable<void> serve() {
    while (true) answer(co_await acceptor_.async_accept(use_awaitable));
  }

  void answer(asio::ip::tcp::socket peer) {
    asio::co_spawn(acceptor_.get_executor(), converse(std::move(peer)), asio::detached);
  }

  asio::awaitable<void> converse(asio::ip::tcp::socket peer) {
    std::string asked;
    co_await asio::async_read_until(peer, asio::dynamic_buffer(asked, 4096), "\r\n\r\n", use_awaitable);
    const std::size_t path = asked.find(' ') + 1;
    const auto found = shown_.find(asked.substr(path, asked.find(' ', path) - path));
    const std::string body = found == shown_.end() ? "" : found->second;
    const std::string reply = "HTTP/1.0 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    co_await asio::async_write(peer, asio::buffer(reply), use_awaitable);
  }

  asio::ip::tcp::acceptor acceptor_;
  std::map<std::string, std::string> shown_;
};
static_assert(acme::async_challenge_solver<my_solver>);

using my_key = offloaded<software_key<es256>>;

asio::awaitable<void> issue(asio::io_context& loop, asio::any_io_executor key_threads, char** argv) {
  const auto new_key = [&] { return my_key{software_key<es256>::generate().value(), key_threads}; };
  my_solver solver{loop, static_cast<unsigned short>(std::stoi(argv[3]))};
  const http::curl_asio http{loop.get_executor(), argv[2]};
  using client = acme::async_client<my_key, http::curl_asio>;
  auto ca = co_await client::async_connect(loop.get_executor(), http, new_key(), argv[1], use_awaitable);
  const acme::account_request wish{.contact = {"mailto:me@example.com"}, .terms_of_service_agreed = true};
  (co_await ca.value().async_register_account(wish, use_awaitable)).value();
  const std::vector names{parse_identifier(argv[4]).value()};
  const auto issued = co_await ca->async_obtain(names, new_key(), solver, use_awaitable);
  std::cout << issued.value().pem;
  solver.stop();
}

int main(int argc, char** argv) {
  if (argc != 5) return std::cerr << "usage: async_issuance DIRECTORY-URL CA-FILE HTTP-01-PORT NAME\n", 2;
  asio::io_context loop;
  asio::thread_pool key_threads{1};
  int status = 0;
  asio::co_spawn(loop, issue(loop, key_threads.get_executor(), argv), [&](const std::exception_ptr& failed) {
    try {
      if (failed) std::rethrow_exception(failed);
    } catch (const std::exception& e) {
      std::cerr << "async_issuance: " << e.what() << '\n';
      status = 1;
    }
    loop.stop();
  });
  loop.run();
  return status;
}
