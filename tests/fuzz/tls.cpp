// What TLS keys sign: what is accepted by one form is by no other, and every octet of it counts.
#include "agent/keeper/policy/certification_request.hpp"
#include "agent/keeper/policy/jws_input.hpp"
#include "agent/keeper/policy/tls_message.hpp"

#include <cstdlib>

namespace policy = sealring::agent::policy;

namespace {

void demand(bool truth) {
  if (!truth) std::abort();
}

bool parses(sealring::bytes_view m, bool server) {
  return (server ? policy::parse_tls_server_message(m) : policy::parse_tls_client_message(m)).has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const sealring::bytes_view input{data, size};
  const auto by_server = policy::parse_tls_server_message(input);
  const auto by_client = policy::parse_tls_client_message(input);
  // Both could be only where the server's randoms begin a ClientHello; a key is for one side.
  if (by_server && by_client)
    demand(by_server->form == policy::tls_form::server_key_exchange_12 &&
           by_client->form == policy::tls_form::certificate_verify_12);
  if (!by_server && !by_client) return 0;
  const bool server = by_server.has_value();
  demand(!policy::parse_jws_input(input) && !policy::parse_certification_request_info(input));
  demand(!parses(input.first(size - 1), server));
  sealring::bytes longer(input.begin(), input.end());
  longer.push_back(0);
  demand(!parses(longer, server));
  return 0;
}
