// The words that the command line takes for layers and kinds of key, for who has no use for the things themselves.
#pragma once

#include <string_view>
#include <vector>

namespace sealring::bench {

[[nodiscard]] std::vector<std::string_view> layer_words();
[[nodiscard]] std::vector<std::string_view> kind_words();

}  // namespace sealring::bench
