// docs/openapi.json, as it was when this was built.
#pragma once

#include <string_view>

namespace sealring::agent::control {

[[nodiscard]] std::string_view openapi() noexcept;

}  // namespace sealring::agent::control
