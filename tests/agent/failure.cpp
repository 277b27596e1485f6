#include "agent/failure.hpp"

#include "catch.hpp"

using namespace sealring;

TEST_CASE("a failure compares with conditions, whoever found it", "[failure]") {
  CHECK(agent::fail(condition::denied, "no").code == condition::denied);
  CHECK_FALSE(agent::fail(condition::denied, "no").code == condition::retry_later);
  const agent::failure below = agent::fail(errc::bad_name, "certificate \"x\"");
  CHECK(below.code == errc::bad_name);
  CHECK(below.code == condition::bad_input);
  CHECK(below.what == "certificate \"x\": not a name or address that a certificate can carry");
  const agent::failure system = agent::system_failure(ENOSPC, "cannot write \"f\"");
  CHECK(system.code == condition::operator_needed);
  CHECK(system.what == "cannot write \"f\": No space left on device");
}

TEST_CASE("the exit code is 4 for what was denied and 1 for the rest", "[failure]") {
  CHECK(agent::exit_code(agent::fail(condition::denied, "")) == 4);
  CHECK(agent::exit_code(agent::fail(condition::bad_input, "")) == 1);
  CHECK(agent::exit_code(agent::fail(condition::retry_later, "")) == 1);
}

TEST_CASE("value() throws the code and the line", "[failure]") {
  const agent::result<int> failed = agent::fail(condition::bad_input, "what was wrong");
  try {
    (void)failed.value();
    FAIL("did not throw");
  } catch (const std::system_error& e) {
    CHECK(e.code() == condition::bad_input);
    CHECK(std::string(e.what()).starts_with("what was wrong"));
  }
}
