#include "agent/manager/deploy/deploy.hpp"

#include "agent/manager/deploy/tls_server.hpp"
#include "agent/manager/live.hpp"
#include "agent/scratch.hpp"
#include "sealring/pem.hpp"

using namespace sealring;
using namespace sealring::test;
using namespace std::chrono_literals;
using agent::publish;
using Catch::Contains;

namespace {

struct deployment {
  scratch_folder folder;
  agent::config c;
  agent::certificate_entry entry;
  x509::certificate before = issue({.serial = "01", .names = "DNS:a.test"});
  x509::certificate after = issue({.serial = "02", .names = "DNS:a.test"});
  int reloads = 0;
  agent::result<void> reload_says{};

  deployment() {
    c.state.live = folder / "live";
    entry.name = "a";
    put(before);
  }
  void put(const x509::certificate& one) const {
    REQUIRE(outcome(publish(c.state.live, "a", one.serial(), {.cert = to_pem("CERTIFICATE", one.der())})) == "");
  }
  std::string deploy(bool back = true) {
    const auto reload = [this] {
      ++reloads;
      return reload_says;
    };
    return outcome(agent::deploy(c, entry, after, reload, back, {.in_all = 600ms, .one_handshake = 500ms}));
  }
  std::string live() const { return x509::read_certificates(slurp(c.state.live / "a/cert.pem")).value().front().serial(); }
};

}  // namespace

TEST_CASE("what is reloaded and proved stays", "[deploy]") {
  deployment s;
  s.put(s.after);
  CHECK(s.deploy() == "");
  const tls_server server({{s.after, evp_of<es256>()}});
  s.entry.prove = {server.address()};
  CHECK(s.deploy() == "");
  CHECK(s.reloads == 2);
  CHECK(s.live() == "02");
}

TEST_CASE("what is not is rolled back, reloaded once more, and said", "[deploy]") {
  deployment s;
  s.put(s.after);
  const tls_server server({{s.before, evp_of<es256>()}});
  s.entry.prove = {server.address()};
  SECTION("the proof fails") {
    CHECK(s.deploy() == server.address() + " still presents serial 01; the files before were put back");
    CHECK(s.reloads == 2);
    CHECK(s.live() == "01");
  }
  SECTION("the reload fails, and fails again") {
    s.reload_says = agent::fail(condition::operator_needed, "no reload");
    CHECK(s.deploy() == "no reload; the files before were put back, and with them, too, no reload");
    CHECK(s.reloads == 2);
    CHECK(s.live() == "01");
  }
  SECTION("nobody could be asked") {
    s.reload_says = agent::fail(condition::retry_later, "nobody there");
    CHECK(s.deploy() == "nobody there");
    CHECK(s.reloads == 1);
    CHECK(s.live() == "02");
  }
  SECTION("not wanted") {
    CHECK_THAT(s.deploy(false), Catch::EndsWith("serial 01"));
    CHECK(s.live() == "02");
  }
}

TEST_CASE("the first certificate has nothing to go back to", "[deploy]") {
  deployment s;
  s.reload_says = agent::fail(condition::operator_needed, "no reload");
  CHECK(s.deploy() == "no reload; there are no files before these, so they stay");
  CHECK(s.live() == "01");
}
