// Core, and nothing else: a signature, checked.
#include <sealring/software_key.hpp>
#include <sealring/verified.hpp>

int main() {
  const auto key = sealring::verified<sealring::software_key<sealring::es256>>::make(
      sealring::software_key<sealring::es256>::generate().value());
  const std::string_view text = "core alone";
  return key && sealring::sign(*key, sealring::as_bytes(text)) ? 0 : 1;
}
