// Both sides of a JWS: a client signs as ACME wants it, and a CA reads and verifies what came in.
#include "sealring/jose/verify_jws.hpp"
#include "sealring/software_key.hpp"

#include <iostream>

using namespace sealring;

/// The thumbprint of the account key that a newAccount request shows, and has proved to hold.
result<std::string> account_key(std::string_view body) {
  const auto jws = jose::read_flattened(body);
  if (!jws) return jws.error();
  const jose::json::value* shown = jws->protected_header.if_contains("jwk");
  if (shown == nullptr || !shown->is_object() || !jws->header.empty()) return fail(errc::bad_jws);
  const auto key = jose::read_jwk(shown->get_object());
  if (!key) return key.error();
  constexpr algorithm_id allowed[] = {algorithm_id::es256, algorithm_id::es384, algorithm_id::rs256};
  if (const auto good = jose::verify(*jws, *key, allowed); !good) return good.error();
  return jose::thumbprint(key->key);
}

int main() try {
  const auto key = software_key<es256>::generate().value();
  const std::string body =
      jose::sign_flattened(jose::with_jwk{key}, {.nonce = "n-1", .url = "https://ca.example/new-account"}, "{}").value();
  std::cout << account_key(body).value() << '\n';
  return account_key(body).value() == jose::thumbprint(key.public_key()).value() ? 0 : 1;
} catch (const std::exception& e) {
  std::cerr << "sign_and_verify_jws: " << e.what() << '\n';
  return 1;
}
