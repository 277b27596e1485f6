#include "agent/manager/watch/watcher.hpp"

#include "agent/manager/watch/issuer.hpp"
#include "sealring/pem.hpp"
#include "unit/acme/ct_logs.hpp"

using namespace sealring;
using namespace sealring::test;
using Catch::Contains;

namespace {

x509::time_point now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

x509::certificate leaf(const std::string& url, const std::string& serial = "00ab") {
  return issue({.issuer = "ca", .serial = serial, .extensions = url.empty() ? "" : "crlDistributionPoints=URI:" + url});
}

std::string pem(const x509::certificate& one) { return to_pem("CERTIFICATE", one.der()); }

struct bed {
  scratch_folder folder;
  agent::config config = agent::default_config(folder / "sealring.toml");
  agent::certificate held{};

  bed() {
    config.state.live = folder / "live";
    config.watch.interval = std::chrono::seconds{1};
    held.name = "a.test";
    held.serial = "ab";
  }
  agent::findings check(const std::string& fullchain) {
    spill(config.state.live / "a.test" / "fullchain.pem", fullchain);
    auto watcher = agent::watcher::make(std::make_shared<const agent::config>(config));
    REQUIRE(outcome(watcher) == "");
    return watcher->check(held);
  }
};

}  // namespace

TEST_CASE("what the CRL says", "[watcher]") {
  web_server server{[](const std::string&) { return ok(crl_of(now(), "ab")); }};
  bed b;
  const auto revoked = b.check(pem(leaf(server.url)) + pem(ca_certificate()));
  CHECK(revoked.trouble.empty());
  CHECK(revoked.revoked_at);
  CHECK(revoked.revocation_reason == 0);
  b.held.serial = "ac";
  const auto good = b.check(pem(leaf(server.url, "ac")) + pem(ca_certificate()));
  CHECK(good.trouble.empty());
  CHECK_FALSE(good.revoked_at);
}

TEST_CASE("a list that is not of today, or that does not come, does not tell", "[watcher]") {
  const auto old = crl_of(now() - std::chrono::hours{24}, "ab");
  web_server server{[&](const std::string&) { return ok(old); }};
  bed b;
  const std::string chain = pem(leaf(server.url)) + pem(ca_certificate());
  const auto stale = b.check(chain);
  CHECK_FALSE(stale.revoked_at);
  CHECK_THAT(stale.trouble, Contains(server.url) && Contains(make_error_code(errc::crl_not_current).message()));
  server.stop();
  const auto down = b.check(chain);
  CHECK_FALSE(down.revoked_at);
  CHECK_THAT(down.trouble, Contains(server.url));
  b.config.watch.crl = false;
  CHECK(b.check(chain).trouble.empty());
}

TEST_CASE("a CA's clock may be minutes ahead of ours, and not hours", "[watcher]") {
  const auto told_by_list_of = [](std::chrono::minutes ahead) {
    web_server server{[&](const std::string&) { return ok(crl_of(now() + ahead, "ab")); }};
    bed b;
    return b.check(pem(leaf(server.url)) + pem(ca_certificate())).trouble;
  };
  CHECK(told_by_list_of(std::chrono::minutes{2}).empty());
  CHECK_THAT(told_by_list_of(std::chrono::hours{2}), Contains(make_error_code(errc::crl_not_current).message()));
}

TEST_CASE("the next URL is asked where the first does not tell", "[watcher]") {
  web_server server{[](const std::string&) { return ok(crl_of(now(), "ab")); }};
  const auto nothing = server.url.substr(0, server.url.find_last_of(':')) + ":1/";
  bed b;
  const auto found = b.check(pem(leaf(nothing + ",URI:" + server.url)) + pem(ca_certificate()));
  CHECK(found.revoked_at);
  CHECK_THAT(found.trouble, Contains(nothing) && !Contains(server.url));
}

TEST_CASE("files that are not those of the certificate are not judged", "[watcher]") {
  bed b;
  CHECK(b.check(pem(leaf("")) + pem(ca_certificate())).trouble.empty());
  CHECK_THAT(b.check(pem(leaf(""))).trouble, Contains("issuer"));
  CHECK_THAT(b.check(pem(leaf("")) + pem(ca_certificate("ca", evp_of<es384>()))).trouble, Contains("issuer"));
  CHECK_THAT(b.check("").trouble, Contains("fullchain.pem"));
  b.held.serial = "ac";
  CHECK_THAT(b.check(pem(leaf("")) + pem(ca_certificate())).trouble, Contains("is of serial ab and not of ac"));
  b.held.name = "b.test";
  CHECK_THAT(b.check("").trouble, Contains("b.test"));
}

TEST_CASE("a list of logs must be there at first, and asks for SCTs", "[watcher]") {
  bed b;
  b.config.watch.ct_logs = b.folder / "logs.json";
  CHECK_THAT(outcome(agent::watcher::make(std::make_shared<const agent::config>(b.config))),
             Contains("logs.json") && Contains("ct-logs"));
  spill(*b.config.watch.ct_logs, "{");
  CHECK_THAT(outcome(agent::watcher::make(std::make_shared<const agent::config>(b.config))), Contains("logs.json:1:"));
  spill(*b.config.watch.ct_logs, list_of(to_json({})));
  const auto found = b.check(pem(leaf("")) + pem(ca_certificate()));
  CHECK(found.trouble == "the certificate has no SCTs");
  CHECK(found.bad_scts == 0);
}
