#include "agent/keeper/audit/record.hpp"

#include "agent/keeper/audit/peer.hpp"
#include "fixture.hpp"

using namespace sealring;
using namespace sealring::test;

namespace {

const auto noon =
    audit::timestamp{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}} + std::chrono::microseconds{7384000123};

std::string line_of(const audit::content& what, audit::link at = {}) {
  std::string line;
  REQUIRE(audit::append_line(line, at, noon, audit::encode(what)).has_value());
  REQUIRE(line.ends_with('\n'));
  line.pop_back();
  return line;
}

}  // namespace

TEST_CASE("a record is one line that sha256sum can check", "[record]") {
  const auto line = line_of(some_request(1));
  CHECK(
      line ==
      R"({"seq":0,"time":"2026-11-24T02:03:04.000123Z","kind":"request","peer":{"pid":4242,"uid":33,"gid":33,"start":7001,)"
      R"("comm":"nginx","cgroup":"/system.slice/nginx.service"},"key":"example.com","spki":")" +
          std::string(64, 'a') +
          R"(","purpose":"tls-server","operation":"sign","signed":"TLS 1.3 CertificateVerify, transcript 1","decision":"allowed",)"
          R"("rule":"tls-server: TLS 1.3","detail":"","hash":")" +
          line.substr(line.size() - 66, 64) + "\"}");
  const std::string body = line.substr(0, line.find(",\"hash\"")) + "}";
  CHECK(line.substr(line.size() - 66, 64) ==
        audit::hexadecimal(sealring::hash<sha256>(as_bytes(std::string(64, '0') + body)).value().view()));
}

TEST_CASE("every kind is read back as it was", "[record]") {
  audit::checkpoint signed_one{std::string(32, '1'), 99, std::string(64, '2')};
  signed_one.signature.fill(0xfb);
  for (const audit::content& what :
       {audit::content{some_request(4)}, audit::content{audit::event{"started", "version 1"}},
        audit::content{audit::header{std::string(32, 'e'), bytes(91, 7)}}, audit::content{signed_one}}) {
    const auto r = audit::decode(line_of(what, {41, std::string(64, 'c')}));
    REQUIRE(r.has_value());
    CHECK(r->sequence == 41);
    CHECK(r->time == noon);
    CHECK(r->what == what);
  }
}

TEST_CASE("a stranger's text stays one harmless, bounded line", "[record]") {
  auto r = some_request();
  r.who.comm = "x\",\"decision\":\"allowed\n\x1b[31m\xff";
  r.who.cgroup = std::string(100'000, '\x01');
  for (auto* text : {&r.key, &r.spki, &r.purpose, &r.operation, &r.what, &r.rule, &r.detail})
    *text = std::string(100'000, '\x02');
  const auto line = line_of(r);
  CHECK(line.size() < audit::longest_line);
  for (const char c : line) CHECK((c >= ' ' || static_cast<unsigned char>(c) >= 0x80));
  const auto back = audit::decode(line);
  REQUIRE(back.has_value());
  CHECK(std::get<audit::request>(back->what).who.comm == "x\",\"decision\":\"allowed\n\x1b[31m\xef\xbf\xbd");
}

TEST_CASE("only our own bytes are a record", "[record]") {
  const auto line = line_of(some_request(1));
  const auto with = [&](std::string_view old, std::string_view fresh) {
    std::string other = line;
    REQUIRE(other.find(old) != other.npos);
    return other.replace(other.find(old), old.size(), fresh);
  };
  CHECK(audit::decode(line).has_value());
  for (const auto& bad : {with("{\"seq\"", "{ \"seq\""),
                          with("\"seq\":0", "\"seq\":00"),
                          with("\"seq\":0", "\"seq\":-0"),
                          with("02:03:04", "02:03:64"),
                          with("2026-11", "2026-13"),
                          with("nginx", "ngin\\u0078"),
                          with("nginx", "ngi\nnx"),
                          with("nginx", "ngi\xffnx"),
                          with("\"uid\":33", "\"uid\":4294967296"),
                          with("\"uid\":33,", ""),
                          with("\"uid\":33,", "\"uid\":33,\"uid\":33,"),
                          with("allowed", "Allowed"),
                          with("\"detail\":\"\"", "\"detail\":\"\",\"more\":1"),
                          with("request", "requests"),
                          line + " ",
                          " " + line,
                          line + "\n",
                          std::string{},
                          std::string{"{}"},
                          line.substr(1),
                          line.substr(0, line.size() - 1)})
    CHECK(audit::decode(bad).has_error());
}

TEST_CASE("times are RFC 3339 in UTC", "[record]") {
  CHECK(audit::to_text(noon) == "2026-11-24T02:03:04.000123Z");
  CHECK(audit::to_text(audit::timestamp{}) == "1970-01-01T00:00:00.000000Z");
  CHECK(audit::time_from("2026-11-24T02:03:04.000123Z") == noon);
  CHECK(!audit::time_from("2026-11-24T02:03:04Z"));
  CHECK(!audit::time_from("2026-02-30T02:03:04.000123Z"));
}

TEST_CASE("a peer is described from /proc", "[record]") {
  const auto me = audit::describe({::getpid(), ::getuid(), ::getgid()});
  CHECK(me.pid == ::getpid());
  CHECK(me.start > 0);
  CHECK(me.comm == "test_audit");
  CHECK(me.cgroup.starts_with('/'));
  std::ifstream stat{"/proc/self/stat"};
  std::string field;
  for (int i = 0; i < 22; ++i) stat >> field;
  CHECK(std::to_string(me.start) == field);
  const auto gone = audit::describe({0x7fffffff, 1, 2});
  CHECK(gone == audit::peer{.pid = 0x7fffffff, .uid = 1, .gid = 2});
}
