// Certification requests: what is accepted is what libcrypto would write for the names that were read.
#include "agent/keeper/policy/certification_request.hpp"
#include "agent/keeper/policy/jws_input.hpp"
#include "agent/keeper/policy/tls_message.hpp"
#include "tests/general_names.hpp"

#include <algorithm>
#include <cstdlib>

namespace policy = sealring::agent::policy;
using namespace sealring::detail;

namespace {

void demand(bool truth) {
  if (!truth) std::abort();
}

bool contains(sealring::bytes_view whole, const sealring::bytes& part) { return !std::ranges::search(whole, part).empty(); }

// The key may be no key; but the names stand there as libcrypto writes them, once.
void check(const policy::certification_request& csr, sealring::bytes_view input) {
  demand(!csr.names.empty() && contains(input, csr.spki));
  const x509_extension san = sealring::test::subject_alt_name(csr.names);
  demand(san != nullptr);
  const ASN1_OCTET_STRING* value = X509_EXTENSION_get_data(san.get());
  const sealring::bytes_view names{ASN1_STRING_get0_data(value), static_cast<std::size_t>(ASN1_STRING_length(value))};
  demand(contains(input, sealring::bytes(names.begin(), names.end())));
  demand(!policy::parse_tls_server_message(input) && !policy::parse_tls_client_message(input));
  demand(!policy::parse_jws_input(input));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const sealring::bytes_view input{data, size};
  const auto info = policy::parse_certification_request_info(input);
  const auto whole = policy::parse_certification_request(input);
  demand(!info || !whole);
  if (info) check(*info, input);
  if (whole) check(*whole, input);
  return 0;
}
