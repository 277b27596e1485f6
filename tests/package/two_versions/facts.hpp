// What each of two versions of sealring in one program says of itself.
#pragma once

#include <cstddef>
#include <string>
#include <system_error>
#include <typeinfo>

struct facts {
  const std::type_info& key_type;
  const std::error_category& category;
  std::size_t csr_octets;
  std::error_code failure;
  std::string token_object;
  std::error_code library_failure;
  bool knows_its_failures;
};
facts facts_of_this();
facts facts_of_next();
