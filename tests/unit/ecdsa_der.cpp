#include "sealring/ecdsa_der.hpp"
#include "unit/support.hpp"

namespace sealring::test {
namespace {

/// A number of 32 octets with these first and last ones.
std::string wide(std::string_view first, std::string_view last) {
  return std::string{first} + std::string(64 - first.size() - last.size(), '0') + std::string{last};
}

}  // namespace

TEST_CASE("ecdsa_der: r||s and its DER, both ways", "[ecdsa_der]") {
  const struct {
    const char* what;
    std::string rs, der;
  } table[] = {
      {"small numbers are shortened", wide("", "01") + wide("", "02"), "3006020101020102"},
      {"zero is one octet", wide("", "") + wide("", "7f"), "300602010002017f"},
      {"a high bit asks for a zero octet", wide("", "80") + wide("", "ff"), "300802020080020200ff"},
      {"all 256 bits", wide("80", "01") + wide("ff", "02"), "3046022100" + wide("80", "01") + "022100" + wide("ff", "02")},
      {"255 bits", wide("7f", "01") + wide("40", "02"), "30440220" + wide("7f", "01") + "0220" + wide("40", "02")},
      {"a leading zero octet goes", wide("00ff", "01") + wide("007f", "02"),
       "3043022000ff" + wide("00ff", "01").substr(4) + "021f7f" + wide("007f", "02").substr(4)},
  };
  for (const auto& row : table) {
    INFO(row.what);
    CHECK(must(ecdsa_to_der(unhex(row.rs))) == unhex(row.der));
    CHECK(to_bytes(must(ecdsa_from_der<64>(unhex(row.der)))) == unhex(row.rs));
  }
}

TEST_CASE("ecdsa_der: lengths above 127 octets take the long form (P-521)", "[ecdsa_der]") {
  fixed_bytes<132> rs{};
  rs[0] = 0x01, rs[66] = 0x01, rs[65] = 0xaa, rs[131] = 0xbb;
  const bytes der = must(ecdsa_to_der(rs));
  REQUIRE(der.size() == 139);
  CHECK(bytes(der.begin(), der.begin() + 5) == unhex("3081880242"));
  CHECK(must(ecdsa_from_der<132>(der)) == rs);
}

TEST_CASE("ecdsa_der: what is not two halves has no DER", "[ecdsa_der]") {
  CHECK(refusal(ecdsa_to_der({})) == errc::bad_length);
  CHECK(refusal(ecdsa_to_der(bytes(63))) == errc::bad_length);
}

TEST_CASE("ecdsa_der: anything but the canonical DER of two numbers that fit is refused", "[ecdsa_der]") {
  const std::pair<const char*, std::string> table[] = {
      {"nothing", ""},
      {"no numbers", "3000"},
      {"one number", "3003020101"},
      {"three numbers", "3009020101020102020103"},
      {"a trailing octet", "300602010102010200"},
      {"a trailing octet inside", "300702010102010200"},
      {"a sequence that is too long", "3007020101020102"},
      {"a sequence that is too short", "3005020101020102"},
      {"the long form of a short length", "308106020101020102"},
      {"the long form of a number's length", "300702810101020102"},
      {"indefinite length", "30800201010201020000"},
      {"a superfluous zero octet", "300702020001020102"},
      {"a negative number", "30060201ff020102"},
      {"a negative s", "3006020101020180"},
      {"an empty number", "30050200020102"},
      {"a set instead of a sequence", "3106020101020102"},
      {"octet strings", "3006040101040102"},
      {"257 bits", "3026022101" + wide("", "") + "020102"},
      {"an s of 257 bits", "3026020102022101" + wide("", "")},
  };
  for (const auto& [what, der] : table) {
    INFO(what);
    CHECK(refusal(ecdsa_from_der<64>(unhex(der))) == errc::bad_der);
  }
  CHECK(good(ecdsa_from_der<64>(unhex("3006020101020102"))));
}

TEST_CASE("ecdsa_der: every truncation of a signature is refused", "[ecdsa_der]") {
  const bytes der = unhex("3046022100" + wide("80", "01") + "022100" + wide("ff", "02"));
  for (std::size_t size = 0; size < der.size(); ++size)
    CHECK(refusal(ecdsa_from_der<64>(bytes_view{der}.first(size))) == errc::bad_der);
}

}  // namespace sealring::test
