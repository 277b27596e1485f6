#include "sealring/base64url.hpp"
#include "unit/support.hpp"

#include <set>

namespace sealring::test {

TEST_CASE("base64url: RFC 4648 section 10, without the padding", "[base64url]") {
  const std::pair<std::string_view, std::string_view> table[] = {
      {"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [plain, encoded] : table) {
    CHECK(base64url_encode(plain) == encoded);
    CHECK(base64url_size(plain.size()) == encoded.size());
    std::string text = "before ";
    base64url_append(text, as_bytes(plain));
    CHECK(text == "before " + std::string{encoded});
    CHECK(as_text(must(base64url_decode(encoded))) == plain);
  }
}

TEST_CASE("base64url: RFC 7515 appendix C, with both characters that base64 has not", "[base64url]") {
  const bytes octets{3, 236, 255, 224, 193};
  CHECK(base64url_encode(octets) == "A-z_4ME");
  CHECK(must(base64url_decode("A-z_4ME")) == octets);
}

TEST_CASE("base64url: what is not the one text of some bytes is refused", "[base64url]") {
  using namespace std::string_view_literals;
  for (const auto text : {"A"sv, "AAAAA"sv,                      // no byte string is so long
                          "Zg=="sv, "Zm8="sv, "Zm9v===="sv,      // padding
                          "Zh"sv, "Zm9"sv, "__"sv, "Zm9vYmF"sv,  // unused bits that are not zero
                          "Zm 9v"sv, " Zm9v"sv, "Zm9v\n"sv, "Zm9v\0"sv, "+-AA"sv, "ab/c"sv, "Zm9\xc3"sv, "Zm9\xff"sv}) {
    INFO(text);
    CHECK(refusal(base64url_decode(text)) == errc::bad_base64url);
  }
}

TEST_CASE("base64url: of all texts of two characters, 256 decode, each to a byte of its own", "[base64url]") {
  std::set<bytes> decoded;
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      if (const auto data = base64url_decode(text)) {
        REQUIRE(base64url_encode(*data) == text);
        decoded.insert(*data);
      }
    }
  CHECK(decoded.size() == 256);
}

TEST_CASE("base64url: a secret is decoded into memory that is wiped", "[base64url]") {
  const auto secret = must(base64url_decode<secret_bytes>("Zm9vYmFy"));
  CHECK(as_text(secret) == "foobar");
}

}  // namespace sealring::test
