#include "sealring/acme/solver.hpp"

#include "unit/acme/connected.hpp"

namespace sealring::test {

namespace {

/// Notes what it is called for, among the CA's requests; fails where it is told to.
struct diary_solver {
  scripted_ca ca{};
  std::string fails_at{};
  acme::failure failure{make_error_code(acme::errc::transport), "in the solver's own words"};
  bool keep = false;
  std::vector<std::string> diary{};

  const acme::challenge* choose(const acme::authorization& a) const { return a.find(a.wildcard ? acme::dns01 : acme::http01); }
  acme::result<void> present(const identifier& id, const acme::challenge& c, const std::string&) {
    return note("present", id, c);
  }
  acme::result<void> look(const identifier& id, const acme::challenge& c, const std::string&) { return note("look", id, c); }
  void clean_up(const identifier& id, const acme::challenge& c) noexcept { static_cast<void>(note("clean up", id, c)); }
  bool keeps() const { return keep; }

private:
  acme::result<void> note(const std::string& what, const identifier& id, const acme::challenge& c) {
    const std::string line = what + ' ' + c.type + ' ' + id.value;
    diary.push_back(line + " at " + std::to_string(ca.asked().size()));
    if (line == fails_at) return failure;
    return {};
  }
};
static_assert(acme::challenge_solver<diary_solver>);

/// Knows no more than a code.
struct terse_solver {
  std::errc code = std::errc::no_such_device;
  bool in_look = false;
  const acme::challenge* choose(const acme::authorization& a) const { return a.find(acme::http01); }
  sealring::result<void> present(const identifier&, const acme::challenge&, const std::string&) const {
    if (in_look) return {};
    return make_error_code(code);
  }
  sealring::result<void> look(const identifier&, const acme::challenge&, const std::string&) const {
    return make_error_code(code);
  }
  void clean_up(const identifier&, const acme::challenge&) const noexcept {}
};
static_assert(acme::challenge_solver<terse_solver>);

struct blind_solver {
  const acme::challenge* choose(const acme::authorization&);
  sealring::result<void> present(const identifier&, const acme::challenge&, const std::string&);
  void clean_up(const identifier&, const acme::challenge&) noexcept;
};
static_assert(!acme::challenge_solver<blind_solver>);
struct careless_solver : blind_solver {
  bool look(const identifier&, const acme::challenge&, const std::string&);
};
static_assert(!acme::challenge_solver<careless_solver>);
struct throwing_solver : terse_solver {
  void clean_up(const identifier&, const acme::challenge&);
};
static_assert(!acme::challenge_solver<throwing_solver>);

const acme::order two_names{
    "https://ca/order/1",    "pending", {}, {"https://ca/authz/1", "https://ca/authz/2", "https://ca/authz/1"},
    "https://ca/finalize/1", {},        {}};

http::response authz(const std::string& status, const std::string& name, const std::string& challenge_status = "pending") {
  const auto challenge = [&](const std::string& type) {
    return R"({"type":")" + type + R"(","url":"https://ca/)" + type + '/' + name + R"(","status":")" + challenge_status +
           R"(","token":"tok"})";
  };
  const std::string wildcard = name == "b.test" ? R"(,"wildcard":true)" : "";
  return answer(200, R"({"status":")" + status + R"(","identifier":{"type":"dns","value":")" + name + R"("},"challenges":[)" +
                         challenge("dns-01") + ',' + challenge("http-01") + ']' + wildcard + '}');
}

}  // namespace

TEST_CASE("solver: all are presented, then looked at, then the CA hears of all, then all are waited for", "[solver]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(authz("pending", "a.test")).then(authz("pending", "b.test"));
  ca.then(answer(200, "{}")).then(problem_of(409, "conflict"));
  ca.then(authz("processing", "a.test")).then(authz("valid", "a.test")).then(authz("valid", "b.test"));
  diary_solver solver{.ca = ca};
  REQUIRE(c.authorize(two_names, solver));
  CHECK(solver.diary == std::vector<std::string>{"present http-01 a.test at 4", "present dns-01 b.test at 4",
                                                 "look http-01 a.test at 4", "look dns-01 b.test at 4",
                                                 "clean up http-01 a.test at 9", "clean up dns-01 b.test at 9"});
  std::vector<std::string> posted;
  for (const http::request& r : ca.asked())
    if (r.verb == http::method::post && payload_of(r) == "{}") posted.push_back(r.url);
  CHECK(posted == std::vector<std::string>{"https://ca/http-01/a.test", "https://ca/dns-01/b.test"});
  CHECK(ca.left() == 0);
}

TEST_CASE("solver: an authorization that is valid costs nothing; a challenge that was posted is not posted again", "[solver]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(authz("valid", "a.test")).then(authz("processing", "b.test", "processing")).then(authz("valid", "b.test"));
  diary_solver solver{.ca = ca};
  REQUIRE(c.authorize(two_names, solver));
  CHECK(solver.diary.front() == "present dns-01 b.test at 4");
  CHECK(payloads(ca) == std::vector<std::string>{"", "", ""});
}

TEST_CASE("solver: nothing is presented where one name cannot be proved", "[solver]") {
  scripted_ca ca;
  client c = connected(ca);
  ca.then(authz("pending", "a.test"));
  ca.then(answer(200, R"({"status":"pending","identifier":{"type":"dns","value":"c.test"},
                          "challenges":[{"type":"dns-01","url":"https://ca/1","token":"t"},{"type":"new-01"}]})"));
  diary_solver solver{.ca = ca};
  const auto refused = c.authorize(two_names, solver);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == acme::errc::no_solvable_challenge);
  CHECK(refused.error().what.find("c.test") != std::string::npos);
  CHECK(refused.error().what.find("it offers dns-01, new-01") != std::string::npos);
  CHECK(solver.diary.empty());
}

TEST_CASE("solver: its failure reaches the caller in its own words, and what it presented is cleaned up", "[solver]") {
  for (const bool keep : {false, true}) {
    for (const auto& [fails_at, cleaned] : {std::pair{"present dns-01 b.test", 1}, {"look http-01 a.test", 2}}) {
      scripted_ca ca;
      client c = connected(ca);
      ca.then(authz("pending", "a.test")).then(authz("pending", "b.test"));
      diary_solver solver{.ca = ca, .fails_at = fails_at, .keep = keep};
      const auto failed = c.authorize(two_names, solver);
      REQUIRE_FALSE(failed);
      CHECK(failed.error().what == "in the solver's own words");
      CHECK(std::ranges::count_if(solver.diary, [](const std::string& line) { return line.starts_with("clean up"); }) ==
            cleaned);
      CHECK(ca.asked().size() == 4);  // the CA hears of no challenge
    }
  }
}

TEST_CASE("solver: what a person must mend is kept, if the solver keeps it", "[solver]") {
  for (const bool keep : {false, true}) {
    scripted_ca ca;
    client c = connected(ca);
    ca.then(authz("pending", "a.test")).then(authz("pending", "b.test"));
    diary_solver solver{.ca = ca, .fails_at = "look dns-01 b.test", .keep = keep};
    solver.failure.code = make_error_code(acme::errc::problem);
    REQUIRE_FALSE(c.authorize(two_names, solver));
    CHECK(solver.diary.back().starts_with("clean up") == !keep);
  }
}

TEST_CASE("solver: one that knows only a code is helped out", "[solver]") {
  for (const bool in_look : {false, true}) {
    scripted_ca ca;
    client c = connected(ca);
    ca.then(authz("pending", "a.test")).then(authz("pending", "b.test"));
    terse_solver solver{.in_look = in_look};
    const auto failed = c.authorize(two_names, solver);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == std::errc::no_such_device);
    CHECK(failed.error().what.starts_with(in_look ? "looking at http-01 for a.test: " : "presenting http-01 for a.test: "));
  }
}

}  // namespace sealring::test
