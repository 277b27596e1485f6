#include "agent/config.hpp"

#include "agent/scratch.hpp"

using namespace sealring;
using namespace sealring::test;
using agent::load;
using Catch::Contains;

namespace {

// Line 1 is [hsm]; `more` begins on line 7.
constexpr std::string_view least =
    "[hsm]\n"
    "module = \"/usr/lib/softhsm/libsofthsm2.so\"\n"
    "token = \"sealring\"\n"
    "[ca]\n"
    "directory = \"https://localhost:14000/dir\"\n"
    "\n";

struct configuration {
  scratch_folder folder;
  std::filesystem::path file = folder / "sealring.toml";
  agent::result<agent::config> loaded;

  explicit configuration(std::string_view more, std::string_view base = least) : loaded(agent::config{}) {
    spill(file, std::string(base) + std::string(more));
    loaded = load(file);
  }
  // The message without the file's name in front of it.
  std::string mistake() const {
    REQUIRE(loaded.has_error());
    CHECK(loaded.error().what.find('\n') == std::string::npos);
    REQUIRE_THAT(loaded.error().what, Catch::StartsWith(file.string() + ":"));
    return loaded.error().what.substr(file.string().size() + 1);
  }
};

}  // namespace

TEST_CASE("the least configuration has defaults in the file's folder", "[config]") {
  const configuration c("");
  REQUIRE(outcome(c.loaded) == "");
  CHECK(c.loaded->hsm.module == "/usr/lib/softhsm/libsofthsm2.so");
  CHECK_FALSE(c.loaded->hsm.pin_file);
  CHECK(c.loaded->account.key == agent::key_type::p256);
  CHECK(c.loaded->state.store == "sqlite3://" + (c.folder / "state.db").string());
  CHECK(c.loaded->state.live == c.folder / "live");
  CHECK(c.loaded->http01.listen == ":80");
  CHECK(c.loaded->certificates.empty());
}

TEST_CASE("every key of the design is read", "[config]") {
  const configuration c(R"(
[hsm]
module    = "lib/pkcs11.so"
token     = "pkcs11:token=sealring"
pin-file  = "pin"
init-args = "a=b"
session-copy = "never"
verify    = "always"
paths     = ["/var/lib/softhsm/tokens/", "/etc/softhsm"]
devices   = ["/dev/bus/usb"]
environment = ["SOFTHSM2_CONF=/etc/softhsm/softhsm2.conf", "EMPTY="]
network   = true
[agent]
listen    = ["/run/sealring/sign.sock", "sign.sock", "@sealring"]
control   = "/run/sealring/control.sock"
audit     = "audit.log"
audit-sync = "always"
operators = ["root", "ops"]
max-keys  = 3
drain     = "36h"
[ca]
directory = "https://acme.example/dir"
ca-file   = "pebble.pem"
contact   = ["mailto:ops@example.com"]
agree-tos = true
origins   = ["https://other.example"]
eab-kid   = "kid-1"
eab-key-file = "/etc/eab"
eab-algorithm = "HS384"
rate-limits = ["orders 300/3h", "failures 5/1h"]
[fallback]
directory = "https://second.example/dir"
[account]
key = "p384"
[metrics]
listen    = "127.0.0.1:9469"
[state]
store     = "sqlite3://var/state.db"
live      = "/srv/live"
[http-01]
listen    = "[::1]:5002"
webroot   = "www"
port      = 5002
look      = false
[tls-alpn-01]
listen    = ":5001"
port      = 5001
look      = false
[dns-01]
server    = "127.0.0.1:53"
zone      = "Example.com."
tsig-name = "sealring"
tsig-algorithm = "hmac-sha512"
tsig-key-file = "tsig"
ttl       = 5
propagation = "3m"
[dns]
resolver  = "127.0.0.1:8053"
[watch]
crl       = false
ct-logs   = "logs.json"
interval  = "1h"
[[certificate]]
name      = "example.com"
domains   = ["Example.com", "www.example.com", "2001:DB8::1"]
key       = "rsa2048"
challenge = "http-01"
purpose   = "tls-client"
peers     = ["www-data"]
reload    = ["systemctl", "reload", "nginx"]
[[certificate]]
name      = "two"
domains   = ["two.example"]
[[key]]
name      = "code-signing"
type      = "p384"
purpose   = "raw"
peers     = ["release"]
rate      = 5
)",
                        "");
  REQUIRE(outcome(c.loaded) == "");
  const agent::config& got = *c.loaded;
  CHECK(got.hsm.module == c.folder / "lib/pkcs11.so");
  CHECK(got.hsm.pin_file == c.folder / "pin");
  CHECK(got.hsm.init_args == "a=b");
  CHECK(got.hsm.copy == agent::session_copy::never);
  CHECK(got.hsm.verify == agent::verify_tls::always);
  CHECK(got.hsm.paths == std::vector<std::string>{"/var/lib/softhsm/tokens", "/etc/softhsm"});
  CHECK(got.hsm.devices == std::vector<std::string>{"/dev/bus/usb"});
  CHECK(got.hsm.environment == std::vector<std::string>{"SOFTHSM2_CONF=/etc/softhsm/softhsm2.conf", "EMPTY="});
  CHECK(got.hsm.network);
  CHECK(got.agent.max_keys == 3);
  CHECK(got.agent.drain == std::chrono::hours(36));
  CHECK(got.agent.listen ==
        std::vector<std::string>{"/run/sealring/sign.sock", (c.folder / "sign.sock").string(), "@sealring"});
  CHECK(got.agent.audit == c.folder / "audit.log");
  CHECK(got.agent.sync == agent::audit_sync::always);
  CHECK(got.agent.operators == std::vector<std::string>{"root", "ops"});
  CHECK(got.ca.ca_file == c.folder / "pebble.pem");
  CHECK(got.ca.contact == std::vector<std::string>{"mailto:ops@example.com"});
  CHECK(got.ca.agree_tos);
  CHECK(got.ca.origins.size() == 1);
  CHECK(got.ca.eab_kid == "kid-1");
  CHECK(got.ca.eab_key_file == "/etc/eab");
  CHECK(got.account.key == agent::key_type::p384);
  CHECK(got.account.rate == 0);
  CHECK(got.keys.at(0).rate == 5);
  CHECK(got.metrics.listen == "127.0.0.1:9469");
  CHECK(got.state.store == "sqlite3://" + (c.folder / "var/state.db").string());
  CHECK(got.state.live == "/srv/live");
  CHECK(got.http01.listen == "[::1]:5002");
  CHECK_FALSE(got.http01.look);
  CHECK(got.dns01.zone == "example.com");
  CHECK_FALSE(got.tls_alpn01.look);
  REQUIRE(got.certificates.size() == 2);
  const agent::certificate_entry& first = got.certificates[0];
  CHECK(first.domains == std::vector<std::string>{"example.com", "www.example.com", "2001:db8::1"});
  CHECK(first.key == agent::key_type::rsa2048);
  CHECK(first.purpose == agent::key_purpose::tls_client);
  CHECK(first.reload == std::vector<std::string>{"systemctl", "reload", "nginx"});
  REQUIRE(got.keys.size() == 1);
  CHECK(got.keys[0].type == agent::key_type::p384);
  CHECK(got.find_certificate("two") == &got.certificates[1]);
  CHECK(got.find_certificate("three") == nullptr);
}

TEST_CASE("a mistake is told with its line, its column and what was meant", "[config]") {
  const auto [text, message] = GENERATE(table<std::string_view, std::string_view>({
      {"[hsmm]\n", "7:2: unknown section \"hsmm\"; did you mean \"hsm\"?"},
      {"[colours]\n", "7:2: unknown section \"colours\"; leave it out"},
      {"[state]\nstore = \"sqlite3://x\"\nlife = \"l\"\n", "9:1: unknown key \"life\" in [state]; did you mean \"live\"?"},
      {"[account]\nkey = \"p255\"\n",
       "8:7: \"key\" in [account] must be one of p256, p384, rsa2048, rsa3072, rsa4096, ed25519, not \"p255\""},
      {"[http-01]\nlisten = 80\n", "8:10: \"listen\" in [http-01] must be a string, in quotation marks"},
      {"[http-01]\nlisten = \"\"\n", "8:10: this must not be empty"},
      {"[state]\nlive = \"\"\n", "8:8: \"live\" in [state] must be a path; leave the line out if there is none"},
      {"[agent]\noperators = \"root\"\n", "8:13: \"operators\" in [agent] must be an array of strings: [\"…\", \"…\"]"},
      {"[agent]\noperators = [\"root\", 0]\n", "8:22: \"operators\" in [agent] must be a string, in quotation marks"},
      {"[certificate]\nname = \"x\"\n", "7:1: \"certificate\" must be an array of tables: write [[certificate]]"},
      {"[[certificate]]\nname = \"x\"\n", "7:1: [[certificate]] lacks the key \"domains\""},
      {"[[certificate]]\nname = \"x\"\ndomains = []\n", "7:1: certificate \"x\" has no domains; name at least one"},
      {"[[certificate]]\nname = \"../x\"\ndomains = [\"a.example\"]\n", "8:8: \"../x\" cannot be a name: "},
      {"[[certificate]]\nname = \"x\"\ndomains = [\"a.example\",\n  \"b_c.example\"]\n",
       "10:3: \"b_c.example\" is not a domain: "},
      {"[[certificate]]\nname = \"x\"\ndomains = [\"a.example\", \"A.example\"]\n",
       "7:1: certificate \"x\" names \"a.example\" twice"},
      {"[[certificate]]\nname = \"x\"\ndomains = [\"*.a.example\"]\n",
       "7:1: \"*.a.example\" is a wildcard, which CAs prove by DNS alone"},
      {"[[certificate]]\nname = \"x\"\ndomains = [\"a.example\"]\nchallenge = \"dns-00\"\n",
       "10:13: \"challenge\" in [[certificate]] must be one of http-01"},
      {"[[certificate]]\nname = \"x\"\ndomains = [\"a.example\"]\npurpose = \"raw\"\n",
       "7:1: certificate \"x\" cannot have the purpose \"raw\""},
      {"[[certificate]]\nname = \"x\"\ndomains = [\"a.example\"]\n[[certificate]]\nname = \"x\"\ndomains = [\"b.example\"]\n",
       "10:1: the name \"x\" is taken already at "},
      {"[state]\nlive = \"a\nb\"\n", "8:10: "},
      {"[dns-01]\ntsig-name = \"k\"\n", "7:1: [dns-01] needs both \"tsig-name\" and \"tsig-key-file\", or neither"},
      {"[dns-01]\nserver = \"::1\"\nhook = [\"x\"]\n", "7:1: [dns-01] has a \"server\" and a \"hook\""},
      {"[watch]\ninterval = \"often\"\n", "8:12: "},
      {"[fallback]\n", "7:1: [fallback] lacks the key \"directory\""},
      {"[[certificate]]\nname = \"x\"\ndomains = [\"a.example\"]\nprove = [\"a.example\"]\n",
       "10:10: \"a.example\" is no server; write \"HOST:PORT\""},
      {"[state\n", "7:7: "},
      {"hsm.token = \"again\"\n", "7:"},
      {"\"a\\u001B[2J\" = 1\n", "7:1: unknown key \"a\\u001B[2J\""},
      {"[state]\nstore = \"sqlite3://a\\u0000b\"\n", "8:9: \"store\" in [state] must be without a NUL character"},
  }));
  CAPTURE(text);
  CHECK_THAT(configuration(text).mistake(), Catch::StartsWith(std::string(message)));
}

TEST_CASE("mistakes in [hsm] and [ca]", "[config]") {
  const std::string hsm = "[hsm]\nmodule = \"m\"\ntoken = \"t\"\n";
  const std::string ca = "[ca]\ndirectory = \"https://a/\"\n";
  const auto [text, message] = GENERATE_COPY(table<std::string, std::string_view>({
      {"", ""},
      {ca, " the section [hsm] is missing; it needs \"module\""},
      {hsm, " the section [ca] is missing; it needs \"directory\""},
      {"[hsm]\nmodul = \"m\"\ntoken = \"t\"\n" + ca, "2:1: unknown key \"modul\" in [hsm]; did you mean \"module\"?"},
      {"[hsm]\nmodule = \"m\"\n" + ca, "1:1: [hsm] lacks the key \"token\""},
      {hsm + ca + "[dns-01]\ntsig-algorithm = \"hmac-sha384\"\n",
       "7:18: \"tsig-algorithm\" in [dns-01] must be one of hmac-sha1, hmac-sha256, hmac-sha512, not \"hmac-sha384\""},
      {hsm + ca + "[dns-01]\nzone = \".\"\n", "7:8: this must not be empty"},
      {"hsm = 1\n" + ca, "1:7: \"hsm\" must be a section: write [hsm]"},
      {hsm + ca + "rate-limits = [\"orders 300\"]\n", "6:16: \"orders 300\" is no limit; write \"WHAT NUMBER/TIME\""},
      {hsm + "[ca]\ndirectory = \"http://a/\"\n", "5:13: \"http://a/\" must be a URL that begins with \"https://\""},
      {hsm + ca + "contact = [\"a@b.example\"]\n", "6:12: \"a@b.example\" is no URL; did you mean \"mailto:a@b.example\"?"},
      {hsm + ca + "contact = [\"mailto:a b\"]\n", "6:12: \"mailto:a b\" is no URL: there is a space in it"},
      {hsm + ca + "agree-tos = \"yes\"\n", "6:13: \"agree-tos\" in [ca] must be true or false"},
      {hsm + ca + "eab-kid = \"1\"\n", "4:1: [ca] needs both \"eab-kid\" and \"eab-key-file\", or neither"},
      {hsm + ca + "eab-key-file = \"1\"\n", "4:1: [ca] needs both"},
  }));
  CAPTURE(text);
  CHECK_THAT(configuration("", text).mistake(), Catch::StartsWith(std::string(message)));
}

TEST_CASE("conf.d is read in the order of its names", "[config]") {
  configuration c("[[certificate]]\nname = \"main\"\ndomains = [\"main.example\"]\n");
  spill(c.folder / "conf.d/b.toml", "[[certificate]]\nname = \"b\"\ndomains = [\"b.example\"]\n");
  spill(c.folder / "conf.d/a.toml", "[[key]]\nname = \"a\"\n[[certificate]]\nname = \"a\"\ndomains = [\"a.example\"]\n");
  spill(c.folder / "conf.d/.a.toml.Xy12zA", "half a file");
  spill(c.folder / "conf.d/.hidden.toml", "half a file");
  spill(c.folder / "conf.d/README", "not TOML");
  c.loaded = load(c.file);
  REQUIRE(outcome(c.loaded) == "");
  REQUIRE(c.loaded->certificates.size() == 3);
  CHECK(c.loaded->certificates[1].name == "a");
  CHECK(c.loaded->certificates[2].name == "b");
  CHECK(c.loaded->keys.size() == 1);

  SECTION("a section does not belong there") {
    spill(c.folder / "conf.d/c.toml", "[hsm]\nmodule = \"evil\"\n");
    CHECK(outcome(load(c.file)) == (c.folder / "conf.d/c.toml").string() + ":1:2: unknown section \"hsm\"; leave it out");
  }
  SECTION("a name is taken once in all files") {
    spill(c.folder / "conf.d/c.toml", "[[certificate]]\nname = \"main\"\ndomains = [\"c.example\"]\n");
    CHECK(outcome(load(c.file)) == (c.folder / "conf.d/c.toml").string() + ":1:1: the name \"main\" is taken already at " +
                                       c.file.string() + ":7:1; choose another");
  }
}

TEST_CASE("a file that cannot be read says so", "[config]") {
  const scratch_folder folder;
  CHECK(outcome(load(folder / "none.toml")) ==
        "cannot read \"" + (folder / "none.toml").string() +
            "\": No such file or directory; 'sealring init' writes one, and --config names another");
  spill(folder / "file", "");
  CHECK_THAT(outcome(load(folder / "file/sealring.toml")), Contains("Not a directory"));
  CHECK_THAT(outcome(load(folder.path)), Contains("not a regular file"));
  spill(folder / "large.toml", std::string((1 << 20) + 1, '#'));
  CHECK_THAT(outcome(load(folder / "large.toml")), Contains("longer than the 1048576 bytes"));
  const configuration c("");
  spill(c.folder / "conf.d", "a file in the folder's place");
  CHECK_THAT(outcome(load(c.file)), Contains("cannot list"));
}

TEST_CASE("--key takes the words of the file", "[config]") {
  CHECK(agent::parse_key_type("rsa3072").value() == agent::key_type::rsa3072);
  CHECK(outcome(agent::parse_key_type("rsa1024")) ==
        "unknown key type \"rsa1024\"; choose one of p256, p384, rsa2048, rsa3072, rsa4096, ed25519");
}

TEST_CASE("what the keeper's walls let through is checked", "[config]") {
  const auto mistake_in = [](std::string_view section, const std::string& line) {
    std::string base(least);
    base.insert(section == "hsm" ? base.find("[ca]") : 0, section == "hsm" ? line + "\n" : "[agent]\n" + line + "\n");
    return configuration("", base).mistake();
  };
  CHECK_THAT(mistake_in("hsm", "paths = [\"tokens\"]"), Contains("4:10: \"tokens\" must be an absolute path"));
  CHECK_THAT(mistake_in("hsm", "devices = [\"\"]"), Contains("must be an absolute path"));
  CHECK_THAT(mistake_in("hsm", "environment = [\"A\"]"), Contains("\"A\" is no variable; write \"NAME=VALUE\""));
  CHECK_THAT(mistake_in("hsm", "environment = [\"=A\"]"), Contains("is no variable"));
  CHECK_THAT(mistake_in("hsm", "environment = [\"A B=C\"]"), Contains("is no variable"));
  for (const char* name : {"LD_PRELOAD", "OPENSSL_CONF", "OPENSSL_MODULES"}) {
    CHECK_THAT(mistake_in("hsm", "environment = [\"" + std::string(name) + "=/x\"]"), Contains("never passed on"));
  }
  CHECK_THAT(mistake_in("hsm", "network = \"yes\""), Contains("must be true or false"));
  CHECK_THAT(mistake_in("agent", "max-keys = 0"), Contains("must be 1 or more"));
  CHECK_THAT(mistake_in("agent", "max-keys = -1"), Contains("must be a whole number"));
  CHECK_THAT(mistake_in("agent", "max-keys = \"8\""), Contains("must be a whole number"));
  CHECK_THAT(mistake_in("agent", "drain = \"soon\""), Contains("\"soon\" is no length of time"));
}
