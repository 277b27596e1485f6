#include "sealring/acme/revocation.hpp"

#include "unit/acme/scripted_ca.hpp"

namespace sealring::test {

TEST_CASE("revocation: the certificate, and a reason where there is one", "[revocation]") {
  CHECK(acme::revocation_payload(unhex("3000"), {}) == R"({"certificate":"MAA"})");
  CHECK(acme::revocation_payload(unhex("3000"), acme::revocation_reason::unspecified) == R"({"certificate":"MAA","reason":0})");
  CHECK(acme::revocation_payload(unhex("3000"), acme::revocation_reason::cessation_of_operation) ==
        R"({"certificate":"MAA","reason":5})");
}

TEST_CASE("revocation: every reason of RFC 5280 has its name, and 7 is none", "[revocation]") {
  std::vector<int> numbers(acme::revocation_reasons.size());
  std::ranges::transform(acme::revocation_reasons, numbers.begin(),
                         [](const acme::named_reason& one) { return static_cast<int>(one.reason); });
  CHECK(numbers == std::vector{0, 1, 2, 3, 4, 5, 6, 8, 9, 10});
}

}  // namespace sealring::test
