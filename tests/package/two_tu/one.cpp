// One of two translation units that include every public header: all that is not a template is inline, or this does not link;
// and what must be one object in a program is one.
#include "every_header.hpp"

#include <cstdio>

const std::error_category& core_category_of_other();
const std::error_category& condition_category_of_other();
sealring::result<sealring::bytes> make_csr_in_other(std::span<const sealring::identifier> names);

int main() {
  using namespace sealring;
  const auto failed = make_csr_in_other({});
  const bool good = &core_category() == &core_category_of_other() && &condition_category() == &condition_category_of_other() &&
                    failed.error() == errc::bad_name && failed.error() == condition::bad_input;
  std::puts(good ? "one program" : "two programs in one");
  return good ? 0 : 1;
}
