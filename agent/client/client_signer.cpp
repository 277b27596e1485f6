#include "agent/client/client_signer.hpp"

#include "sealring/public_key.hpp"

namespace sealring::inline v0::client {
namespace {

using wire::errc;

template <algorithm A>
result<any_signer<client_signer>> bind_as(const std::shared_ptr<const remote_key>& key) {
  auto bound = client_signer<A>::bind(key);
  if (!bound) return std::move(bound).error();
  return any_signer<client_signer>{*std::move(bound)};
}

}  // namespace

result<std::shared_ptr<const remote_key>> remote_key::find(std::shared_ptr<connection> keeper, std::string name) {
  auto facts = keeper->describe(name);
  if (!facts) return std::move(facts).error();
  auto public_key = from_spki(facts->spki);
  const auto fingerprint = hash<sha256>(facts->spki);
  if (!public_key || !fingerprint)
    return keeper->told(name, {errc::bad_answer, "the keeper describes " + name + " with a public key that cannot be read"});
  remote_key key{std::move(keeper), std::move(name), *std::move(facts), *std::move(public_key), {}};
  std::copy(fingerprint->view().begin(), fingerprint->view().end(), key.spki_sha256.begin());
  return std::make_shared<const remote_key>(std::move(key));
}

sealring::result<bytes> remote_key::sign(wire::operation how, algorithm_id algorithm, bytes_view payload) const {
  const wire::sign_request request{spki_sha256, algorithm, {payload.begin(), payload.end()}};
  auto signature =
      how == wire::operation::sign_digest ? keeper->sign_digest(name, request) : keeper->sign_message(name, request);
  if (!signature) return signature.error().code;
  const auto expected = std::visit([](const auto& key) { return signature_size(key); }, public_key);
  if (signature->size() != expected)
    return keeper->told(name, {errc::bad_answer, "the keeper gave a signature of the wrong length for " + name}).code;
  return *std::move(signature);
}

result<any_signer<client_signer>> bind(const std::shared_ptr<const remote_key>& key) {
  for (const auto id : key->facts.algorithms) {
    switch (id) {
      case algorithm_id::es256: return bind_as<es256>(key);
      case algorithm_id::es384: return bind_as<es384>(key);
      case algorithm_id::es512: return bind_as<es512>(key);
      case algorithm_id::rs256: return bind_as<rs256>(key);
      case algorithm_id::ps256: return bind_as<ps256>(key);
      case algorithm_id::eddsa: return bind_as<eddsa>(key);
    }
  }
  return refusal{errc::unsupported, "the keeper lets the key " + key->name + " sign with no algorithm that is known here"};
}

result<any_signer<client_signer>> find(std::shared_ptr<connection> keeper, std::string name) {
  const auto key = remote_key::find(std::move(keeper), std::move(name));
  if (!key) return key.error();
  return bind(*key);
}

}  // namespace sealring::inline v0::client
