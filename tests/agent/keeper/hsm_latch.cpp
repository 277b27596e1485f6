#include "agent/keeper/hsm_latch.hpp"

#include "catch.hpp"
#include "hsm/error.hpp"

using namespace sealring;
using agent::hsm_latch;
using namespace std::chrono_literals;

TEST_CASE("a token that is down is asked once a while, and said to be down once", "[hsm_latch]") {
  hsm_latch latch;
  auto now = hsm_latch::clock::time_point{} + 1h;
  CHECK(latch.may_try(now));
  CHECK(latch.failed(now));  // the first time only
  CHECK_FALSE(latch.failed(now));
  CHECK_FALSE(latch.may_try(now));
  CHECK(latch.may_try(now + 10s));        // one goes to see
  CHECK_FALSE(latch.may_try(now + 10s));  // the others are told meanwhile
  CHECK_FALSE(latch.worn_out());
  for (int i = 0; i < 3; ++i) CHECK_FALSE(latch.failed(now));
  CHECK(latch.worn_out());
  CHECK(latch.worked());
  CHECK_FALSE(latch.worked());
  CHECK(latch.may_try(now));
  CHECK_FALSE(latch.worn_out());
  latch.wear_out();
  CHECK(latch.worn_out());
}

TEST_CASE("an outage is the token's trouble, not the request's", "[hsm_latch]") {
  CHECK(agent::is_outage(make_error_code(hsm::errc::device_error)));
  CHECK(agent::is_outage(make_error_code(hsm::errc::token_not_present)));
  CHECK_FALSE(agent::is_outage(make_error_code(errc::wrong_key_type)));
  CHECK(agent::is_outage(make_error_code(hsm::trouble::not_logged_in)));
  CHECK_FALSE(agent::is_outage(make_error_code(hsm::trouble::unsupported)));
  CHECK_FALSE(agent::is_outage(make_error_code(hsm::trouble::key_not_found)));
  CHECK_FALSE(agent::is_outage(hsm::make_error_code(hsm::errc{0x68})));  // CKR_KEY_FUNCTION_NOT_PERMITTED
  CHECK(agent::needs_new_process(make_error_code(hsm::errc::cryptoki_not_initialized)));
  CHECK_FALSE(agent::needs_new_process(make_error_code(hsm::errc::device_error)));
}
