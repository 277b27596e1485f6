#include "agent/config_writer.hpp"

#include "agent/scratch.hpp"

using namespace sealring;
using namespace sealring::test;

namespace {

agent::config small(const scratch_folder& folder) {
  agent::config c = agent::default_config(folder / "sealring.toml");
  c.hsm.module = "/usr/lib/softhsm/libsofthsm2.so";
  c.hsm.token = "sealring";
  c.ca.directory = "https://localhost:14000/dir";
  return c;
}

}  // namespace

TEST_CASE("what init writes is read back equal", "[config_writer]") {
  const scratch_folder folder;
  agent::config c = small(folder);
  SECTION("with defaults") {}
  SECTION("with everything") {
    c.hsm.token = "pkcs11:token=a%20\"b\\";
    c.hsm.pin_file = folder / "pin";
    c.hsm.init_args = "line\nbreak\x01\x7f é";
    c.hsm.copy = agent::session_copy::always;
    c.hsm.verify = agent::verify_tls::always;
    c.hsm.paths = {"/var/lib/softhsm"};
    c.hsm.devices = {"/dev/hidraw0"};
    c.hsm.environment = {"A=b c"};
    c.hsm.network = true;
    c.agent.max_keys = 1;
    c.agent.drain = std::chrono::seconds(90);
    c.agent.listen = {"@a", (folder / "s").string()};
    c.agent.control = folder / "control";
    c.agent.audit = "/var/log/a";
    c.agent.sync = agent::audit_sync::always;
    c.agent.operators = {};
    c.ca.ca_file = folder.path.parent_path() / "ca.pem";
    c.ca.contact = {"mailto:a@b.example", "tel:1"};
    c.ca.agree_tos = true;
    c.ca.origins = {"https://x.example"};
    c.ca.eab_kid = "k";
    c.ca.eab_key_file = folder / "eab";
    c.ca.eab_algorithm = agent::mac_algorithm::hs512;
    c.ca.rate_limits = {{agent::limited::orders, 300, std::chrono::hours(3)},
                        {agent::limited::duplicates, 5, std::chrono::days(7)}};
    c.fallback.emplace().directory = "https://other.example/dir";
    c.account.key = agent::key_type::rsa4096;
    c.account.rate = 9;
    c.metrics.listen = "127.0.0.1:1";
    c.state.store = "sqlite3://" + (folder / "deep/state.db").string();
    c.state.live = "/srv/live";
    c.http01.listen = ":80";
    c.certificates = {{.name = "a",
                       .domains = {"*.a.example", "10.0.0.1"},
                       .challenge = agent::challenge_type::dns_account01,
                       .manual = true,
                       .profile = "shortlived",
                       .preferred_chain = "Root YE",
                       .reuse_key = true,
                       .fallback = true,
                       .purpose = agent::key_purpose::tls_client,
                       .peers = {"x"},
                       .reload = {"sh", "-c", "echo \"$1\""},
                       .reload_timeout = std::chrono::minutes(5),
                       .prove = {"127.0.0.1:443", "[::1]:443"},
                       .rate = 7},
                      {.name = "b", .domains = {"b.example"}, .key = agent::key_type::p384}};
    c.keys = {{.name = "k", .type = agent::key_type::rsa2048, .peers = {"p"}, .rate = 1}};
  }
  REQUIRE(outcome(agent::write_initial(c)) == "");
  CHECK(mode_of(c.file) == 0644);
  const auto back = agent::load(c.file);
  REQUIRE(outcome(back) == "");
  CHECK((*back == c));
  CHECK(slurp(c.file).find(folder.path.string()) == std::string::npos);  // the folder can be moved

  INFO("an existing file is never overwritten");
  const std::string before = slurp(c.file);
  const auto again = agent::write_initial(c);
  REQUIRE(again.has_error());
  CHECK(again.error().code == condition::operator_needed);
  CHECK(again.error().what == "\"" + c.file.string() + "\" exists already and is not overwritten");
  CHECK(slurp(c.file) == before);
}

TEST_CASE("a certificate of the command line becomes a file of conf.d", "[config_writer]") {
  const scratch_folder folder;
  const agent::config c = small(folder);
  REQUIRE(outcome(agent::write_initial(c)) == "");
  const agent::certificate_entry entry{.name = "a.example", .domains = {"a.example", "www.a.example"}, .reload = {"true"}};
  REQUIRE(outcome(agent::write_certificate(c.file, entry)) == "");
  const agent::certificate_entry other{.name = "a.example", .domains = {"b.example"}};
  CHECK(agent::write_certificate(c.file, other).has_error());  // the operator may have changed the file since
  const auto back = agent::load(c.file);
  REQUIRE(outcome(back) == "");
  REQUIRE(back->certificates.size() == 1);
  CHECK((back->certificates[0] == entry));
  CHECK(std::distance(std::filesystem::directory_iterator(folder / "conf.d"), {}) == 1);

  CHECK(agent::write_certificate(c.file, {.name = "../x", .domains = {"a.example"}}).has_error());
  CHECK(agent::write_certificate(c.file, {.name = "x", .domains = {}}).has_error());
}
