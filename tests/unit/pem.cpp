#include "sealring/pem.hpp"
#include "unit/support.hpp"

namespace sealring::test {

TEST_CASE("pem: lines of 64 characters between two labels, and back", "[pem]") {
  bytes der(100);
  for (std::size_t i = 0; i < der.size(); ++i) der[i] = static_cast<std::uint8_t>(i);
  const std::string text = to_pem("CERTIFICATE REQUEST", der);
  CHECK(text ==
        "-----BEGIN CERTIFICATE REQUEST-----\n"
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v\n"
        "MDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk9QUVJTVFVWV1hZWltcXV5f\n"
        "YGFiYw==\n"
        "-----END CERTIFICATE REQUEST-----\n");
  CHECK(must(from_pem("CERTIFICATE REQUEST", text)) == std::vector<bytes>{der});
}

TEST_CASE("pem: every block of the label, in order, whatever stands between", "[pem]") {
  const bytes first{1}, second{2}, other{3};
  const std::string text = "Subject: leaf\n" + to_pem("CERTIFICATE", first) + "\n" + to_pem("X509 CRL", other) +
                           "Issuer: root\r\n" + to_pem("CERTIFICATE", second) + "the end";
  CHECK(must(from_pem("CERTIFICATE", text)) == std::vector<bytes>{first, second});
}

TEST_CASE("pem: CRLF and a last line without its end are read", "[pem]") {
  CHECK(must(from_pem("X", "-----BEGIN X-----\r\nAQI=\r\n-----END X-----")) == std::vector<bytes>{{1, 2}});
}

TEST_CASE("pem: without a whole block of the label there is nothing", "[pem]") {
  const std::string good_one = to_pem("CERTIFICATE", bytes{1, 2, 3});
  for (const std::string& text : std::vector<std::string>{
           "", "no PEM", to_pem("CERTIFICATE REQUEST", bytes{1}), "-----BEGIN CERTIFICATE-----\nAQID\n",
           "-----BEGIN CERTIFICATE-----\nAQID\n-----END X-----\n",
           "-----BEGIN CERTIFICATE-----\nAQ*D\n-----END CERTIFICATE-----\n", good_one + "-----BEGIN CERTIFICATE-----\nAQ",
           good_one + "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n"}) {
    INFO(text);
    CHECK(refusal(from_pem("CERTIFICATE", text)) == errc::bad_pem);
  }
  CHECK(refusal(from_pem("CERTIFICATE", {})) == errc::bad_pem);
}

TEST_CASE("pem: an error that lay on the queue before does not spoil a good read", "[pem]") {
  ERR_raise(ERR_LIB_USER, ERR_R_MALLOC_FAILURE);
  CHECK(from_pem("X", to_pem("X", bytes{7})).has_value());
  ERR_clear_error();
}

}  // namespace sealring::test
