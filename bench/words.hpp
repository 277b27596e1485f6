// The words that the command line takes for layers, kinds of key and operations, for who has no use for the things themselves.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace sealring::bench {

[[nodiscard]] std::vector<std::string_view> layer_words();
[[nodiscard]] std::vector<std::string_view> kind_words();
[[nodiscard]] std::span<const std::string_view> operation_words();

}  // namespace sealring::bench
