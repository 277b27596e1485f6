// The same program for each version.
#pragma once

#include "facts.hpp"

#include "sealring/jose/jws.hpp"
#include "sealring/software_key.hpp"
#include "sealring/x509/csr.hpp"

static facts facts_here() {
  using namespace sealring;
  const auto key = software_key<es256>::generate().value();
  const std::vector names{parse_identifier("example.com").value()};
  const std::error_code failure = from_spki({}).error();
  return {typeid(key), core_category(), x509::make_csr(key, names).value().size(), failure,
          failure == errc::bad_public_key && failure == condition::bad_input};
}
