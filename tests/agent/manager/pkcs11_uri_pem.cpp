#include "agent/manager/pkcs11_uri_pem.hpp"

#include "agent/scratch.hpp"

using namespace sealring::test;
using Catch::Contains;
using sealring::agent::pkcs11_uri_pem;

namespace {

// openssl's own reading of it.
std::string asn1parse(const std::string& pem) {
  const scratch_folder folder;
  spill(folder / "key.pem", pem);
  const std::string out = (folder / "out").string();
  REQUIRE(std::system(("openssl asn1parse -in " + (folder / "key.pem").string() + " >" + out + " 2>&1").c_str()) == 0);
  return slurp(out);
}

}  // namespace

TEST_CASE("openssl reads the form that pkcs11-provider wants", "[pkcs11_uri_pem]") {
  const std::string uri = "pkcs11:token=sealring;object=example.com;type=private";
  const std::string pem = pkcs11_uri_pem(uri);
  CHECK_THAT(pem, Catch::StartsWith("-----BEGIN PKCS#11 PROVIDER URI-----\n"));
  CHECK_THAT(pem, Catch::EndsWith("-----END PKCS#11 PROVIDER URI-----\n"));
  const std::string parsed = asn1parse(pem);
  CHECK_THAT(parsed, Contains("SEQUENCE"));
  CHECK_THAT(parsed, Contains("VISIBLESTRING     :PKCS#11 Provider URI v1.0\n"));
  CHECK_THAT(parsed, Contains("UTF8STRING        :" + uri + "\n"));
}

TEST_CASE("a long URI takes the long form of length", "[pkcs11_uri_pem]") {
  const std::string uri = "pkcs11:object=" + std::string(1000, 'a');
  CHECK_THAT(asn1parse(pkcs11_uri_pem(uri)), Contains(":" + uri));
}
