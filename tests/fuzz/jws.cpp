// The JWS signing input, its header and its payload: what is accepted has one spelling in base64url and means one thing.
#include "agent/keeper/policy/acme_request.hpp"
#include "agent/keeper/policy/certification_request.hpp"
#include "agent/keeper/policy/jws_input.hpp"
#include "agent/keeper/policy/origin.hpp"
#include "agent/keeper/policy/tls_message.hpp"
#include "sealring/base64url.hpp"

#include <cstdlib>

namespace policy = sealring::agent::policy;

namespace {

void demand(bool truth) {
  if (!truth) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const sealring::bytes_view input{data, size};
  for (const auto how : {policy::signed_as::jwk, policy::signed_as::kid})
    static_cast<void>(policy::parse_acme_request(sealring::as_text(input), how));
  const auto origin = policy::origin_of(sealring::as_text(input));
  if (origin) demand(policy::origin_of(*origin) && *policy::origin_of(*origin) == *origin);

  const auto jws = policy::parse_jws_input(input);
  if (!jws) return 0;
  const std::string_view text = sealring::as_text(input);
  const std::string_view payload = text.substr(text.find('.') + 1);
  demand(sealring::base64url_encode(jws->payload) == payload);
  demand(policy::parse_jws_header(text.substr(0, text.find('.'))).has_value());
  demand((jws->header.jwk() == nullptr) != (jws->header.kid() == nullptr));
  for (const auto how : {policy::signed_as::jwk, policy::signed_as::kid})
    static_cast<void>(policy::parse_acme_request(jws->payload, how));
  demand(!policy::parse_tls_server_message(input) && !policy::parse_tls_client_message(input));
  demand(!policy::parse_certification_request_info(input) && !policy::parse_certification_request(input));
  return 0;
}
