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

void read_request(std::string_view payload) {
  const bool as_jwk = policy::parse_acme_request(payload, policy::signed_as::jwk).has_value();
  const bool as_kid = policy::parse_acme_request(payload, policy::signed_as::kid).has_value();
  if (payload.empty()) demand(as_jwk && as_kid);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const sealring::bytes_view input{data, size};
  read_request(sealring::as_text(input));
  const auto origin = policy::origin_of(sealring::as_text(input));
  if (origin) demand(policy::origin_of(*origin) && *policy::origin_of(*origin) == *origin);

  const auto jws = policy::parse_jws_input(input);
  if (!jws) return 0;
  const std::string_view text = sealring::as_text(input);
  const std::string_view payload = text.substr(text.find('.') + 1);
  demand(sealring::base64url_encode(jws->payload) == payload);
  demand(policy::parse_jws_header(text.substr(0, text.find('.'))).has_value());
  demand((jws->header.jwk() == nullptr) != (jws->header.kid() == nullptr));
  read_request(jws->payload);
  demand(!policy::parse_tls_server_message(input) && !policy::parse_tls_client_message(input));
  demand(!policy::parse_certification_request_info(input) && !policy::parse_certification_request(input));
  return 0;
}
