#include "sealring/result.hpp"
#include "unit/support.hpp"

#include <set>

namespace sealring::test {

TEST_CASE("every code has its own message and the condition that says what to do", "[result]") {
  const std::pair<errc, condition> table[] = {
      {errc::bad_base64url, condition::bad_input},
      {errc::bad_length, condition::bad_input},
      {errc::bad_public_key, condition::bad_input},
      {errc::unsupported_key, condition::unsupported},
      {errc::wrong_key_type, condition::bad_input},
      {errc::bad_der, condition::bad_input},
      {errc::bad_pem, condition::bad_input},
      {errc::bad_signature, condition::peer_fault},
      {errc::bad_name, condition::bad_input},
      {errc::bad_certificate, condition::peer_fault},
      {errc::chain_out_of_order, condition::peer_fault},
      {errc::bad_json, condition::peer_fault},
      {errc::crypto_library_failed, condition::operator_needed},
      {errc::bad_crl, condition::peer_fault},
      {errc::unsupported_crl, condition::unsupported},
      {errc::crl_not_current, condition::peer_fault},
      {errc::crl_out_of_scope, condition::peer_fault},
      {errc::bad_sct_list, condition::peer_fault},
      {errc::bad_csr, condition::peer_fault},
      {errc::bad_extension, condition::bad_input},
      {errc::bad_jws, condition::peer_fault},
      {errc::secret_in_jwk, condition::peer_fault},
      {errc::unsupported_algorithm, condition::unsupported},
      {errc::unsupported_extension, condition::unsupported},
  };
  std::set<std::string> messages{"unknown error"};
  for (const auto& [code, what_to_do] : table) {
    const std::error_code error = code;
    INFO(error.message());
    CHECK(error == what_to_do);
    CHECK(messages.insert(error.message()).second);
  }
  CHECK(core_category().message(static_cast<int>(std::size(table)) + 1) == "unknown error");  // the table is complete
}

TEST_CASE("a code matches one condition only", "[result]") {
  const std::error_code error = errc::bad_pem;
  for (const auto other :
       {condition::retry_later, condition::operator_needed, condition::denied, condition::unsupported, condition::peer_fault})
    CHECK(error != other);
}

TEST_CASE("every condition has its own message", "[result]") {
  std::set<std::string> messages;
  for (int value = 1; value <= 6; ++value) CHECK(messages.insert(condition_category().message(value)).second);
  CHECK(messages.count("unknown condition") == 0);
  CHECK(condition_category().message(7) == "unknown condition");
}

TEST_CASE("only value() throws, and what it throws carries the code", "[result]") {
  const result<int> failed = fail(errc::bad_der);
  CHECK_FALSE(failed.has_value());
  try {
    static_cast<void>(failed.value());
    FAIL("did not throw");
  } catch (const std::system_error& e) {
    CHECK(e.code() == errc::bad_der);
  }
}

}  // namespace sealring::test
