#include "agent/manager/pkcs11_uri_pem.hpp"

#include "sealring/pem.hpp"

#include <openssl/asn1.h>

namespace sealring::agent {
namespace {

// pkcs11-provider compares this version, and reads no other.
constexpr std::string_view description = "PKCS#11 Provider URI v1.0";

// One universal primitive, appended.
void put(bytes& out, int tag, std::string_view content) {
  const int length = static_cast<int>(content.size());
  bytes header(static_cast<std::size_t>(ASN1_object_size(0, length, tag)) - content.size());
  unsigned char* at = header.data();
  ASN1_put_object(&at, 0, length, tag, V_ASN1_UNIVERSAL);
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), content.begin(), content.end());
}

}  // namespace

std::string pkcs11_uri_pem(std::string_view uri) {
  bytes members;
  put(members, V_ASN1_VISIBLESTRING, description);
  put(members, V_ASN1_UTF8STRING, uri);
  const int length = static_cast<int>(members.size());
  bytes sequence(static_cast<std::size_t>(ASN1_object_size(1, length, V_ASN1_SEQUENCE)) - members.size());
  unsigned char* at = sequence.data();
  ASN1_put_object(&at, 1, length, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
  sequence.insert(sequence.end(), members.begin(), members.end());
  return to_pem("PKCS#11 PROVIDER URI", sequence);
}

}  // namespace sealring::agent
