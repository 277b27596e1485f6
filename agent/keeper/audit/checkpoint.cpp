#include "agent/keeper/audit/checkpoint.hpp"

namespace sealring::agent::audit {

std::string message_of(const checkpoint& c) {
  return "sealring audit checkpoint v1\n" + c.log + '\n' + std::to_string(c.covers) + '\n' + c.chain + '\n';
}

result<verifier<es256>> verifier_of(bytes_view spki) {
  const auto key = from_spki(spki);
  if (!key) return fail(key.error(), "the audit key");
  const auto* const point = std::get_if<ec_public_key<p256>>(&*key);
  if (point == nullptr) return fail(sealring::fail(errc::wrong_key_type), "the audit key must be P-256");
  auto ready = verifier<es256>::make(*point);
  if (!ready) return fail(ready.error(), "the audit key");
  return *std::move(ready);
}

bool is_signed(const checkpoint& c, const verifier<es256>& key) {
  const std::string message = message_of(c);
  const auto input = es256::prepare(as_bytes(message));
  return input && key.check(*input, c.signature);
}

}  // namespace sealring::agent::audit
