// A privkey.pem without a key: an RFC 7512 URI in the PEM form that latchset's pkcs11-provider reads.
#pragma once

#include <string>
#include <string_view>

namespace sealring::agent {

/// "PKCS#11 PROVIDER URI": SEQUENCE { VisibleString "PKCS#11 Provider URI v1.0", UTF8String uri }. The URI must carry no PIN:
/// this file is readable by a server.
[[nodiscard]] std::string pkcs11_uri_pem(std::string_view uri);

}  // namespace sealring::agent
