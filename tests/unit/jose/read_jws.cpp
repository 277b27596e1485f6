#include "sealring/jose/read_jws.hpp"
#include "unit/support.hpp"
#include "vectors/reading.hpp"

namespace sealring::test {
namespace {

/// A flattened JWS that nobody signed.
std::string flattened(const std::string& header, const std::string& more = {}) {
  return R"({"protected":")" + base64url_encode(header) + R"(","payload":"aGk","signature":"AAAA")" + more + "}";
}

std::string compact(const std::string& header) { return base64url_encode(header) + ".aGk.AAAA"; }

constexpr char es256_header[] = R"({"alg":"ES256"})";

}  // namespace

TEST_CASE("read_jws: the compact form of RFC 7515 appendix A.2, and the flattened one", "[jose/read_jws]") {
  const auto vector = read_json(SEALRING_VECTORS "/rfc7515_A.2.json");
  const std::string input = text(vector, "protected") + '.' + text(vector, "payload");
  for (const auto& jws :
       {must(jose::read_compact(input + '.' + text(vector, "signature"))), must(jose::read_flattened(vector))}) {
    CHECK(jws.protected_header == json::object{{"alg", "RS256"}});
    CHECK(jws.alg() == "RS256");
    CHECK(jws.header.empty());
    CHECK(jws.signing_input == input);
    CHECK(jws.payload == octets(vector, "payload"));
    CHECK(jws.signature == octets(vector, "signature"));
  }
}

// Appendix A.5: "the JWS is not integrity protected". It can be read; no key verifies it.
TEST_CASE("read_jws: the unsecured JWS of RFC 7515 appendix A.5", "[jose/read_jws]") {
  const auto jws =
      must(jose::read_compact("eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
                              "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ."));
  CHECK(jws.alg() == "none");
  CHECK(jws.signature.empty());
}

TEST_CASE("read_jws: compact is three parts in base64url", "[jose/read_jws]") {
  CHECK(good(jose::read_compact(compact(es256_header))));
  CHECK(must(jose::read_compact(base64url_encode(es256_header) + "..")).payload.empty());
  for (const std::string& bad : {std::string{}, std::string{"."}, std::string{"a.b"}, compact(es256_header) + ".",
                                 compact(es256_header) + ".AAAA", std::string(jose::largest_text, 'A') + ".."})
    CHECK(refusal(jose::read_compact(bad)) == errc::bad_jws);
  for (const std::string& bad : {'=' + compact(es256_header), compact(es256_header) + '=', compact(es256_header) + '\n',
                                 base64url_encode(es256_header) + ".aG k.AAAA", base64url_encode(es256_header) + ".aGl.AAAA"})
    CHECK(refusal(jose::read_compact(bad)) == errc::bad_base64url);
  CHECK(refusal(jose::read_compact("..")) == errc::bad_json);
  CHECK(refusal(jose::read_compact(flattened(es256_header))) == errc::bad_jws);
}

TEST_CASE("read_jws: a header must be an object that says an algorithm, and says nothing twice", "[jose/read_jws]") {
  CHECK(refusal(jose::read_compact(compact("{}"))) == errc::bad_jws);
  CHECK(refusal(jose::read_compact(compact(R"({"kid":"a"})"))) == errc::bad_jws);
  CHECK(refusal(jose::read_compact(compact(R"({"alg":1})"))) == errc::bad_jws);
  CHECK(refusal(jose::read_compact(compact(R"({"alg":""})"))) == errc::bad_jws);
  for (const char* bad : {"", "x", "[]", R"("ES256")", R"({"alg":"none","alg":"ES256"})", R"({"alg":"ES256"} {})"})
    CHECK(refusal(jose::read_compact(compact(bad))) == errc::bad_json);
}

TEST_CASE("read_jws: extensions are refused, since none is known (RFC 7515 section 4.1.11, RFC 7797)", "[jose/read_jws]") {
  for (const char* header : {R"({"alg":"ES256","crit":["exp"],"exp":1})", R"({"alg":"ES256","crit":[]})",
                             R"({"alg":"ES256","crit":["b64"],"b64":false})", R"({"alg":"ES256","b64":false})"}) {
    CHECK(refusal(jose::read_compact(compact(header))) == errc::unsupported_extension);
    CHECK(refusal(jose::read_flattened(flattened(header))) == errc::unsupported_extension);
  }
  CHECK(refusal(jose::read_flattened(flattened(es256_header, R"(,"header":{"crit":["exp"]})"))) == errc::unsupported_extension);
}

TEST_CASE("read_jws: flattened with both headers, whose names are disjoint", "[jose/read_jws]") {
  const auto jws = must(jose::read_flattened(flattened(es256_header, R"(,"header":{"kid":"a"},"unknown":[1])")));
  CHECK(jws.header == json::object{{"kid", "a"}});
  REQUIRE(jws.parameter("kid") != nullptr);
  CHECK(*jws.parameter("kid") == "a");
  CHECK(*jws.parameter("alg") == "ES256");
  CHECK(jws.parameter("nonce") == nullptr);
  CHECK(refusal(jose::read_flattened(flattened(es256_header, R"(,"header":{"alg":"ES256"})"))) == errc::bad_jws);
  CHECK(refusal(jose::read_flattened(flattened(es256_header, R"(,"header":{})"))) == errc::bad_jws);
  CHECK(refusal(jose::read_flattened(flattened(es256_header, R"(,"header":"kid")"))) == errc::bad_jws);
}

TEST_CASE("read_jws: no protected header is something else than an empty one", "[jose/read_jws]") {
  const auto jws = must(jose::read_flattened(R"({"header":{"alg":"HS256"},"payload":"aGk","signature":"AAAA"})"));
  CHECK(jws.protected_header.empty());
  CHECK(jws.alg() == "HS256");
  CHECK(jws.signing_input == ".aGk");
  CHECK(refusal(jose::read_flattened(R"({"protected":"","header":{"alg":"HS256"},"payload":"","signature":""})")) ==
        errc::bad_json);
  CHECK(refusal(jose::read_flattened(R"({"protected":"e30","header":{"alg":"HS256"},"payload":"","signature":""})")) ==
        errc::bad_jws);
  CHECK(refusal(jose::read_flattened(R"({"payload":"","signature":""})")) == errc::bad_jws);
}

TEST_CASE("read_jws: flattened members of the wrong kind, and the general form", "[jose/read_jws]") {
  const std::string header = R"("protected":")" + base64url_encode(es256_header) + '"';
  CHECK(refusal(jose::read_flattened('{' + header + R"(,"payload":"aGk"})")) == errc::bad_json);
  CHECK(refusal(jose::read_flattened('{' + header + R"(,"payload":1,"signature":"AAAA"})")) == errc::bad_json);
  CHECK(refusal(jose::read_flattened('{' + header + R"(,"signature":"AAAA"})")) == errc::bad_jws);
  CHECK(refusal(jose::read_flattened(R"({"protected":{},"payload":"aGk","signature":"AAAA"})")) == errc::bad_json);
  CHECK(refusal(jose::read_flattened(flattened(es256_header, R"(,"payload":"aGk")"))) == errc::bad_json);
  CHECK(refusal(jose::read_flattened(flattened(es256_header, R"(,"signatures":[])"))) == errc::bad_jws);
  CHECK(refusal(jose::read_flattened(R"({"payload":"aGk","signatures":[{)" + header + R"(,"signature":"AAAA"}]})")) ==
        errc::bad_jws);
  CHECK(refusal(jose::read_flattened(compact(es256_header))) == errc::bad_json);
}

TEST_CASE("read_jws: a detached payload is in one place only (RFC 7515 appendix F)", "[jose/read_jws]") {
  const std::string header = base64url_encode(es256_header);
  const bytes_view hi = as_bytes("hi");
  const auto whole = must(jose::read_compact(header + ".aGk.AAAA"));
  for (const auto& jws :
       {must(jose::read_compact(header + "..AAAA", hi)),
        must(jose::read_flattened(R"({"protected":")" + header + R"(","signature":"AAAA"})", hi)),
        must(jose::read_flattened(R"({"protected":")" + header + R"(","payload":"","signature":"AAAA"})", hi))}) {
    CHECK(jws.signing_input == whole.signing_input);
    CHECK(jws.payload == whole.payload);
  }
  CHECK(refusal(jose::read_compact(header + ".aGk.AAAA", hi)) == errc::bad_jws);
  CHECK(refusal(jose::read_flattened(flattened(es256_header), hi)) == errc::bad_jws);
  CHECK(must(jose::read_compact(header + "..AAAA", bytes_view{})).payload.empty());
}

}  // namespace sealring::test
