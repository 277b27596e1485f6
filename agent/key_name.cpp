#include "agent/key_name.hpp"

#include "agent/text.hpp"
#include "sealring/digest.hpp"

namespace sealring::agent {

namespace {
constexpr std::string_view account_prefix = "@account-";
}

std::string account_key_name(std::string_view directory) {
  const auto hashed = hash<sha256>({reinterpret_cast<const std::uint8_t*>(directory.data()), directory.size()});
  return std::string{account_prefix} + (hashed ? to_hex(hashed->view().first(4)) : std::string{});
}

bool is_account_key_name(std::string_view name) noexcept { return name.starts_with(account_prefix); }

}  // namespace sealring::agent
