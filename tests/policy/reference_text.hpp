// Text as the reference model reads it: JSON as a flat list of leaves, base64url by writing it again, URLs by a pattern.
#pragma once

#include "sealring/bytes.hpp"

#include <map>
#include <optional>
#include <string>

namespace sealring::test::reference {

/// "identifiers.0.type" to "s:dns", "reason" to "n:4", "termsOfServiceAgreed" to "b:true", "jwk" to "{", "contact" to "[2".
/// Nothing where the text is not one object, a name is there twice in any case, a name has other characters than letters, or
/// some text is not plain ASCII: no ACME request that the policy allows has those.
using leaves = std::map<std::string, std::string>;
std::optional<leaves> flatten(const std::string& json);

std::optional<std::string> unbase64url(const std::string&);

/// scheme://host[:port] in lower case; empty where the URL is not https or has strange parts.
std::string origin(const std::string& url);

}  // namespace sealring::test::reference
