#include "agent/key_name.hpp"

#include "agent/text.hpp"
#include "sealring/digest.hpp"

namespace sealring::agent {

std::string account_key_name(std::string_view directory) {
  const auto hashed = hash<sha256>({reinterpret_cast<const std::uint8_t*>(directory.data()), directory.size()});
  return "@account-" + (hashed ? to_hex(hashed->view().first(4)) : std::string{});
}

}  // namespace sealring::agent
