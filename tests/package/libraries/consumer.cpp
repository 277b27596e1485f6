// What is in the static libraries: a token's URI (hsm), and a key file that names a key in sealring's agent (client), with Asio
// or without.
#include <agent/client/client_async.hpp>
#include <agent/client/client_signer.hpp>
#include <agent/client/key_reference.hpp>
#include <hsm/token.hpp>

int main() {
  using namespace sealring;
  const auto uri = hsm::uri::parse(hsm::format_uri("mine", "1", {}, "example.com"));
  const auto module = hsm::module::load("/nowhere");
  const auto reference = client::read_key_reference({});
  const auto keeper = client::connection::to({});
  const auto async_keeper = client::async_connection::to(asio::system_executor{}, {});
  return async_keeper && uri && uri->object() == "example.com" && !module && !reference && keeper && !(*keeper)->hello() ? 0
                                                                                                                         : 1;
}
