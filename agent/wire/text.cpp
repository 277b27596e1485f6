#include "agent/wire/text.hpp"

#include "agent/wire/frame.hpp"

#include <algorithm>
#include <cstdint>

namespace sealring::inline v0::wire {
namespace {

/// The length of the character that the text begins with; 0 if it begins with none that may be here. RFC 3629 section 4: no
/// overlong forms, no surrogates, nothing above U+10FFFF; nor C0, DEL and C1 controls.
std::size_t character(std::string_view text) noexcept {
  const auto octet = [&](std::size_t i) { return i < text.size() ? static_cast<std::uint8_t>(text[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return (octet(i) & 0xc0U) == 0x80U; };
  const auto first = octet(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
  if (first < 0xe0) return first >= 0xc2 && tail(1) && (first != 0xc2 || octet(1) >= 0xa0) ? 2 : 0;
  if (first < 0xf0) {
    const bool minimal = first != 0xe0 || octet(1) >= 0xa0;
    const bool surrogate = first == 0xed && octet(1) >= 0xa0;
    return minimal && !surrogate && tail(1) && tail(2) ? 3 : 0;
  }
  const bool minimal = first != 0xf0 || octet(1) >= 0x90;
  const bool in_unicode = first < 0xf4 || (first == 0xf4 && octet(1) < 0x90);
  return minimal && in_unicode && tail(1) && tail(2) && tail(3) ? 4 : 0;
}

}  // namespace

bool is_text(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto size = character(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string to_text(std::string_view text, std::size_t limit) {
  std::string fit;
  while (!text.empty()) {
    const auto size = character(text);
    if (fit.size() + std::max<std::size_t>(size, 1) > limit) break;
    if (size == 0) fit += '?';
    else fit += text.substr(0, size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return fit;
}

bool is_name(std::string_view name) noexcept {
  return name.size() <= max_name && std::ranges::all_of(name, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  std::string_view{"._*@-"}.find(c) != std::string_view::npos;
         });
}

}  // namespace sealring::inline v0::wire
