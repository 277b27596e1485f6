#include "agent/manager/watch/crl_cache.hpp"

#include "agent/manager/watch/issuer.hpp"

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono;
using Catch::Contains;

namespace {

constexpr x509::time_point noon = sys_days{2026y / 6 / 2} + 12h;

std::string not_found(const std::string&) { return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"; }

web_server::responder publish(const std::string& crl) {
  return [crl](const std::string&) { return ok(crl); };
}

}  // namespace

TEST_CASE("a list is fetched once while it is young", "[crl_cache]") {
  agent::crl_cache cache{10min};
  web_server server{publish(crl_of(noon, "00ab"))};
  const auto ca = ca_certificate();
  const auto get = [&](x509::time_point now) { return cache.get(server.url, ca, "", now); };
  {
    std::vector<std::jthread> many(8);
    for (auto& one : many) one = std::jthread{[&] { static_cast<void>(get(noon)); }};
  }
  CHECK(server.requests() == 1);
  const auto answer = get(noon + 599s);
  CHECK(answer.trouble.empty());
  REQUIRE(answer.list);
  CHECK(answer.list->size() == 1);
  CHECK(server.requests() == 1);
  static_cast<void>(get(noon + 600s));
  CHECK(server.requests() == 2);
  static_cast<void>(get(noon + 500s));  // the clock was put back
  CHECK(server.requests() == 3);
}

TEST_CASE("a list is asked for when it comes to its nextUpdate, and then once only", "[crl_cache]") {
  agent::crl_cache cache{24h};
  web_server server{publish(crl_of(noon))};
  const auto ca = ca_certificate();
  for (const auto now : {noon, noon + 8h, noon + 8h + 1s, noon + 9h}) CHECK(cache.get(server.url, ca, "", now).list);
  CHECK(server.requests() == 2);
}

TEST_CASE("what does not come, or is a stranger's, leaves the list that was there", "[crl_cache]") {
  agent::crl_cache cache{0s};
  web_server server{not_found};
  const auto ca = ca_certificate();
  const auto get = [&] { return cache.get(server.url, ca, "", noon); };
  CHECK_FALSE(get().list);
  CHECK_THAT(get().trouble, Contains(server.url) && Contains("404"));
  server.answer_with(publish(crl_of(noon, "00ab")));
  REQUIRE(get().list);
  CHECK(get().trouble.empty());
  const auto keeps = [&](const web_server::responder& respond, const std::string& trouble) {
    server.answer_with(respond);
    const auto answer = get();
    CHECK_THAT(answer.trouble, Contains(server.url + ": ") && Contains(trouble));
    REQUIRE(answer.list);
    CHECK(answer.list->size() == 1);
  };
  keeps(not_found, "404");
  keeps(publish(""), "");
  keeps(publish("<html>"), "");
  keeps(publish(crl_of(noon, "", evp_of<es384>())), make_error_code(errc::bad_signature).message());
  keeps(publish(crl_of(noon - 1s)), "older");
  server.stop();
  CHECK_THAT(get().trouble, Contains(server.url));
  CHECK(get().list);
}

TEST_CASE("the failure of a server is kept as long as its list", "[crl_cache]") {
  agent::crl_cache cache{10min};
  web_server server{not_found};
  const auto ca = ca_certificate();
  for (const auto now : {noon, noon + 599s, noon + 600s}) CHECK_FALSE(cache.get(server.url, ca, "", now).trouble.empty());
  CHECK(server.requests() == 2);
}

TEST_CASE("each issuer has its own", "[crl_cache]") {
  agent::crl_cache cache{10min};
  web_server server{publish(crl_of(noon))};
  CHECK(cache.get(server.url, ca_certificate(), "", noon).list);
  CHECK_FALSE(cache.get(server.url, ca_certificate("other"), "", noon).list);
  CHECK_FALSE(cache.get(server.url, ca_certificate("ca", evp_of<es384>()), "", noon).list);
  CHECK(cache.get(server.url, ca_certificate(), "", noon).list);
}
