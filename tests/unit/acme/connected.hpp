// A client that has read the scripted CA's directory and has an account there.
#pragma once

#include "sealring/verified.hpp"
#include "unit/acme/scripted_ca.hpp"

namespace sealring::test {

using client = acme::client<software_key<es256>, scripted_ca>;

/// `more` goes into the directory. The first answer is a nonce. Whatever is waited for is there long before `patience` ends.
inline client connected(scripted_ca& ca, const std::string& more = {},
                        std::chrono::seconds patience = std::chrono::seconds{15}) {
  ca.directory(more);
  auto c = client::connect(ca, key_of<es256>(), "https://ca/dir", {.wait_timeout = patience}).value();
  c.use_account("https://ca/account/1");
  ca.then(answer(200, {}));
  return c;
}

/// The payloads of all signed requests, in order.
inline std::vector<std::string> payloads(const scripted_ca& ca) {
  std::vector<std::string> all;
  for (const http::request& r : ca.asked())
    if (r.verb == http::method::post) all.push_back(payload_of(r));
  return all;
}

/// Whether the JWS that was sent bears this key's signature.
inline bool is_signed_by(const http::request& r, const software_key<es256>& key) {
  const auto jws = acme::parse_object(r.body).value();
  const std::string input = acme::text(jws, "protected") + '.' + acme::text(jws, "payload");
  const bytes signature = base64url_decode(acme::text(jws, "signature")).value();
  fixed_bytes<64> fixed{};
  if (signature.size() != fixed.size()) return false;
  std::ranges::copy(signature, fixed.begin());
  return verify<es256>(key.public_key(), as_bytes(input), fixed).has_value();
}

}  // namespace sealring::test
