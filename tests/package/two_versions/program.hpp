// The same program for each version.
#pragma once

#include "facts.hpp"

#include "hsm/uri.hpp"
#include "sealring/jose/jws.hpp"
#include "sealring/software_key.hpp"
#include "sealring/x509/csr.hpp"

static facts facts_here() {
  using namespace sealring;
  const auto key = software_key<es256>::generate().value();
  const std::vector names{parse_identifier("example.com").value()};
  const std::error_code failure = from_spki({}).error();
  const std::error_code library_failure = hsm::uri::parse("no URI").error().code;
  return {typeid(key),
          core_category(),
          x509::make_csr(key, names).value().size(),
          failure,
          hsm::uri::parse("pkcs11:object=mine").value().object().value(),
          library_failure,
          failure == errc::bad_public_key && failure == condition::bad_input && library_failure == hsm::trouble::bad_uri &&
              library_failure == condition::bad_input};
}
