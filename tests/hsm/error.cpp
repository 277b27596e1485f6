#include "fixture.hpp"

using namespace sealring;

TEST_CASE("a module's answer keeps its name and number", "[error]") {
  CHECK(make_error_code(hsm::errc::pin_incorrect).message() == "CKR_PIN_INCORRECT (0xa0): the PIN is wrong");
  CHECK(make_error_code(hsm::errc{0x80000042}).message() ==
        "CKR_VENDOR_DEFINED (0x80000042): an error of the vendor's own, see the module's manual");
  CHECK(make_error_code(hsm::errc{0x6f}).message() == "CKR 0x6f: the module failed");
}

TEST_CASE("a failure says what to do: nothing about a PIN is ever retried", "[error]") {
  for (const auto code : {hsm::errc::pin_incorrect, hsm::errc::pin_locked, hsm::errc::pin_expired, hsm::errc::pin_len_range,
                          hsm::errc::token_not_present, hsm::errc::device_removed, hsm::errc::user_pin_not_initialized})
    CHECK(make_error_code(code) == condition::operator_needed);
  for (const auto why : {hsm::trouble::pin_refused, hsm::trouble::pin_locked, hsm::trouble::pin_last_try,
                         hsm::trouble::pin_unfinished, hsm::trouble::pin_exposed, hsm::trouble::token_ambiguous})
    CHECK(make_error_code(why) == condition::operator_needed);
  CHECK(make_error_code(hsm::errc::session_handle_invalid) == condition::retry_later);
  CHECK(make_error_code(hsm::errc::mechanism_invalid) == condition::unsupported);
  CHECK(make_error_code(hsm::trouble::key_extractable) == condition::denied);
}

TEST_CASE("value() throws what the failure says", "[error]") {
  const hsm::result<int> bad{hsm::failure{hsm::errc::pin_incorrect, "the token 'x'"}};
  CHECK_THROWS_WITH(bad.value(), "the token 'x': CKR_PIN_INCORRECT (0xa0): the PIN is wrong");
  CHECK_THROWS_AS(bad.value(), hsm::failed);
}
