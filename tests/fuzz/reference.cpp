// Key references: what is taken has one form, and says what it is.
#include "agent/client/key_reference.hpp"

#include <algorithm>
#include <cstdlib>

using namespace sealring;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bytes_view input{data, size};
  const bool claims = client::claims_to_be_key_reference(input);
  const auto read = client::read_key_reference(input);
  if (!read) {
    demand(!read.error().text.empty());
    return 0;
  }
  demand(claims && !read->sockets.empty() && read->sockets.size() <= 8 && !read->key.empty());
  const auto again = client::to_der(*read);
  demand(again && std::ranges::equal(*again, input) && client::to_pem(*read).has_value());
  return 0;
}
