// Against peers that do not answer; one that does is in tests/system.
#include "sealring/http/curl_asio.hpp"

#include "sealring/acme/async_client.hpp"
#include "sealring/http/curl.hpp"
#include "sealring/offload.hpp"
#include "unit/acme/scripted_ca.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

namespace sealring::test {

static_assert(http::async_client<http::curl_asio> && !http::client<http::curl_asio>);
static_assert(http::client<http::curl> && !http::async_client<http::curl>);

namespace {

/// Takes connections, and says nothing.
struct silent_server {
  asio::io_context loop{};
  asio::ip::tcp::acceptor acceptor{loop, {asio::ip::address_v4::loopback(), 0}};
  std::string url() const { return "https://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + '/'; }
};

http::request to(std::string url, std::chrono::milliseconds time = std::chrono::seconds{20}) {
  return {.url = std::move(url), .user_agent = "test", .max_body = 1000, .deadline = http::clock::now() + time};
}

std::error_code code_of(const acme::result<http::response>& r) { return r ? std::error_code{} : r.error().code; }

}  // namespace

TEST_CASE("curl_asio: says what http::curl says of what cannot be had", "[curl_asio]") {
  silent_server server;
  http::curl blocking;
  asio::io_context loop;
  const http::curl_asio curl{loop.get_executor()};
  int failed = 0;
  std::vector<http::request> requests{to("http://127.0.0.1/"), to("https://127.0.0.1:1/"), to("https://127.0.0.1:1/", {}),
                                      to(server.url(), std::chrono::milliseconds{100})};
  for (const http::request& r : requests) {
    http::request same = r;
    same.deadline = r.deadline + std::chrono::milliseconds{r.url == server.url() ? 100 : 0};
    const auto expected = code_of(blocking.perform(same));
    CHECK(expected);
    curl.async_perform(r, [&failed, expected](const acme::result<http::response>& got) {
      CHECK(code_of(got) == expected);
      ++failed;
    });
    loop.restart();
    loop.run();
  }
  CHECK(failed == 4);
}

TEST_CASE("curl_asio: one that waits holds up no other, and can be cancelled", "[curl_asio]") {
  silent_server server;
  asio::io_context loop;
  const http::curl_asio curl{loop.get_executor()};
  asio::cancellation_signal signal;
  std::vector<std::error_code> told;
  curl.async_perform(to(server.url()), asio::bind_cancellation_slot(signal.slot(), [&](const acme::result<http::response>& r) {
                       told.push_back(code_of(r));
                     }));
  curl.async_perform(to("https://127.0.0.1:1/"), [&](const acme::result<http::response>& r) {
    told.push_back(code_of(r));
    signal.emit(asio::cancellation_type::terminal);
  });
  loop.run();
  CHECK(told == std::vector<std::error_code>{acme::errc::transport, std::make_error_code(std::errc::operation_canceled)});
}

TEST_CASE("curl_asio: requests end with their execution context, and their handlers with them", "[curl_asio]") {
  silent_server server;
  const auto held = std::make_shared<int>(1);
  {
    asio::io_context loop;
    http::curl_asio{loop.get_executor()}.async_perform(to(server.url()),
                                                       [held](const acme::result<http::response>&) { FAIL("called"); });
    loop.run_for(std::chrono::milliseconds{50});
    CHECK(held.use_count() == 2);
  }
  CHECK(held.use_count() == 1);
}

TEST_CASE("curl_asio: so do those whose handlers hold the client", "[curl_asio]") {
  using async_key = offloaded<software_key<es256>>;
  silent_server server;
  const auto held = std::make_shared<int>(1);
  {
    asio::io_context loop;
    const http::curl_asio curl{loop.get_executor()};
    for (int i = 0; i < 3; ++i)
      acme::async_client<async_key, http::curl_asio>::async_connect(loop.get_executor(), curl,
                                                                    async_key{key_of<es256>(), loop.get_executor()},
                                                                    server.url(), [held](const auto&) { FAIL("called"); });
    loop.run_for(std::chrono::milliseconds{50});
    CHECK(held.use_count() == 4);
  }
  CHECK(held.use_count() == 1);
}

}  // namespace sealring::test
