// TLS handshakes by libssl, in memory, and what was signed in them: rebuilt from the messages, and proven by the signatures.
#pragma once

#include "unit/support.hpp"

#include <openssl/ssl.h>

#include <optional>

namespace sealring::test {

struct signed_content {
  algorithm_id algorithm;
  bytes content;
};

struct handshake {
  signed_content server;
  std::optional<signed_content> client;  ///< where the client had a key
};

struct handshake_wish {
  int version = TLS1_3_VERSION;
  const char* group = "X25519";
  const char* signatures = "ECDSA+SHA256";
  EVP_PKEY* server_key = evp_of<es256>();
  EVP_PKEY* client_key = nullptr;
  const char* suite_13 = "TLS_AES_128_GCM_SHA256";
};

/// Fails the test where the handshake does, or where a signature does not fit the content.
handshake shake(const handshake_wish&);

}  // namespace sealring::test
