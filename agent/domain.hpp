// What the operator writes: domains, and names for certificates and keys. Each refusal says what to write instead.
#pragma once

#include "agent/failure.hpp"

#include <string>
#include <string_view>

namespace sealring::agent {

/// A DNS name (a leading "*." allowed) in lower case, or an IP address, as sealring::parse_identifier has them.
[[nodiscard]] result<std::string> parse_domain(std::string_view);

/// A name of a certificate or key is also a file name and a part of CKA_LABEL: letters, digits, "." "_" "-", not first a ".",
/// at most 128.
[[nodiscard]] result<void> check_name(std::string_view);

}  // namespace sealring::agent
