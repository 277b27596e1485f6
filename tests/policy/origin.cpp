#include "agent/keeper/policy/origin.hpp"

#include "catch.hpp"

namespace sealring::test {
namespace {

std::string origin(std::string_view url) {
  auto found = agent::policy::origin_of(url);
  return found ? *found : "refused";
}

}  // namespace

TEST_CASE("origin: of the URLs that CAs have", "[origin]") {
  CHECK(origin("https://acme-v02.api.letsencrypt.org/directory") == "https://acme-v02.api.letsencrypt.org");
  CHECK(origin("https://ca") == "https://ca");
  CHECK(origin("https://CA.Example:443/x?y=a@b:80/") == "https://ca.example");
  CHECK(origin("https://ca.example:14000?x") == "https://ca.example:14000");
  CHECK(origin("https://127.0.0.1:14000/dir") == "https://127.0.0.1:14000");
  CHECK(origin("https://[2001:DB8::1]:65535/dir") == "https://[2001:db8::1]:65535");
  CHECK(origin("https://[2001:db8::1]") == "https://[2001:db8::1]");
}

TEST_CASE("origin: of nothing that two readers could take for two hosts", "[origin]") {
  for (const char* bad : {"",
                          "https:",
                          "https://",
                          "https:///x",
                          "http://ca/",
                          "HTTPS://ca/",
                          "//ca/",
                          "https:\\\\ca/",
                          "https://ca\\.evil/",
                          "https://ca@evil/",
                          "https://ca:x@evil/",
                          "https://ca:/",
                          "https://ca:0/",
                          "https://ca:01/",
                          "https://ca:65536/",
                          "https://ca:99999/",
                          "https://ca:443443/",
                          "https://ca:44a/",
                          "https://ca:443:443/",
                          "https://ca#@evil/",
                          "https://ca /",
                          "https://ca\t/",
                          "https://ca/\n",
                          " https://ca/",
                          "https://c\xc3\xa9/",
                          "https://ca%2eevil/",
                          "https://*.ca/",
                          "https://ca./",
                          "https://.ca/",
                          "https://ca..x/",
                          "https://1.2.3/",
                          "https://2001:db8::1/",
                          "https://[ca]/",
                          "https://[1.2.3.4]/",
                          "https://[::1/",
                          "https://::1]/",
                          "https://[::1]x/",
                          "https://[::1]:/",
                          "https://x[::1]/",
                          "https://[fe80::1%25eth0]/",
                          "https://ca/<",
                          "https://ca/\"",
                          "https://ca/{",
                          "https://ca/^",
                          "https://ca/`"}) {
    INFO(bad);
    CHECK(origin(bad) == "refused");
  }
  CHECK(origin(std::string_view{"https://ca\0.evil/", 17}) == "refused");
}

}  // namespace sealring::test
