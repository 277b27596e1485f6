// Where a URL leads: its origin (RFC 6454), and no way to write one so that another reader finds another host in it.
#pragma once

#include "agent/failure.hpp"

#include <string>
#include <string_view>

namespace sealring::agent::policy {

/// "https://host" or "https://host:port" of an https URL: lower case, the default port left out. Refused: any other scheme, a
/// user, a fragment, white space, a backslash, and what else RFC 3986 does not allow in a URL.
[[nodiscard]] result<std::string> origin_of(std::string_view url);

}  // namespace sealring::agent::policy
