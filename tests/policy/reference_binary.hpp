// Certification requests and TLS messages as the reference model reads them: by making what would have to be there.
#pragma once

#include "sealring/algorithm.hpp"
#include "sealring/x509/identifier.hpp"

#include <optional>
#include <vector>

namespace sealring::test::reference {

/// The names of a CertificationRequestInfo for this key, if it is one that libcrypto writes the same way.
std::optional<std::vector<std::string>> info_names(bytes_view info, const any_public_key&);

/// The CertificationRequestInfo inside a request whose outside libcrypto would write the same way; empty otherwise.
bytes info_of_request(bytes_view request);

/// The SubjectPublicKeyInfo in it; empty where libcrypto finds none.
bytes spki_of_info(bytes_view info);

bool is_13(bytes_view, bool server);
bool is_server_12(bytes_view);
bool is_client_12(bytes_view);

}  // namespace sealring::test::reference
