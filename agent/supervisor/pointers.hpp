// Texts as the exec family of functions takes them.
#pragma once

#include <string>
#include <vector>

namespace sealring::agent {

/// Ends with a null pointer; valid as long as the texts are.
[[nodiscard]] inline std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace sealring::agent
