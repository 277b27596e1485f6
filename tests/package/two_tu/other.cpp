#include "every_header.hpp"

const std::error_category& core_category_of_other() { return sealring::core_category(); }
const std::error_category& condition_category_of_other() { return sealring::condition_category(); }

sealring::result<sealring::bytes> make_csr_in_other(std::span<const sealring::identifier> names) {
  return sealring::x509::make_csr(sealring::software_key<sealring::eddsa>::generate().value(), names);
}
