// OSSL_OP_SIGNATURE (provider-signature(7)): signing by the agent, verifying in software.
//
// libssl asks twice a handshake, the first time to hear whether a hash is supported: nothing but the signature itself goes to
// the agent, and nothing waits for it.

#include "agent/provider/algorithms.hpp"
#include "agent/provider/border.hpp"
#include "agent/provider/signing.hpp"
#include "agent/provider/verifying.hpp"

#include <openssl/core_names.h>

#include <algorithm>
#include <variant>

namespace sealring::provider {
namespace {

struct operation {
  std::variant<std::monostate, signing, verifying> now;
};

operation& of(void* ctx) { return *static_cast<operation*>(ctx); }
signing* signing_of(void* ctx) { return std::get_if<signing>(&of(ctx).now); }
verifying* verifying_of(void* ctx) { return std::get_if<verifying>(&of(ctx).now); }

void* make(void*, const char*) { return new operation; }
void release(void* ctx) { delete static_cast<operation*>(ctx); }
void* duplicate(void* ctx) { return new operation{of(ctx)}; }

// --- signing ----------------------------------------------------------------------------------------------------------------

/// Without a key the one of the last time serves again, and nothing else of that time.
int begin_signing(void* ctx, void* k, const OSSL_PARAM params[]) {
  if (k != nullptr) {
    auto* const named = static_cast<key*>(k);
    if (named->private_half() == nullptr) return named->owner().raise(reason::unsupported, "this is a public key only");
    of(ctx).now.emplace<signing>(*named);
  }
  auto* const s = signing_of(ctx);
  if (s != nullptr && k == nullptr) s->begin_again();
  return s != nullptr && s->how.set(params);
}

int begin_digest_signing(void* ctx, const char* hash, void* k, const OSSL_PARAM params[]) {
  return begin_signing(ctx, k, params) == 1 && signing_of(ctx)->how.set_hash(hash);
}

/// The caller asks for the size first, with no place to put it.
template <class Sign>
int give(void* ctx, unsigned char* out, std::size_t* size, std::size_t room, Sign sign) {
  auto* const s = signing_of(ctx);
  if (s == nullptr) return 0;
  if (out == nullptr) {
    *size = s->longest();
    return 1;
  }
  const std::optional<bytes> made = sign(*s);
  if (!made || made->size() > room) return 0;
  std::copy(made->begin(), made->end(), out);
  *size = made->size();
  return 1;
}

int sign(void* ctx, unsigned char* out, std::size_t* size, std::size_t room, const unsigned char* digest, std::size_t length) {
  return give(ctx, out, size, room, [&](signing& s) { return s.sign_digest({digest, length}); });
}

int digest_sign(void* ctx, unsigned char* out, std::size_t* size, std::size_t room, const unsigned char* text,
                std::size_t length) {
  return give(ctx, out, size, room, [&](signing& s) { return s.sign({text, length}); });
}

int update_signing(void* ctx, const unsigned char* part, std::size_t length) {
  auto* const s = signing_of(ctx);
  return s != nullptr && s->add({part, length});
}

int finish_signing(void* ctx, unsigned char* out, std::size_t* size, std::size_t room) {
  return give(ctx, out, size, room, [](signing& s) { return s.finish(); });
}

// --- verifying --------------------------------------------------------------------------------------------------------------

int begin_verifying(void* ctx, void* k, const OSSL_PARAM params[]) {
  if (k != nullptr) of(ctx).now.emplace<verifying>(*static_cast<key*>(k));
  auto* const v = verifying_of(ctx);
  return v != nullptr && v->begin(params);
}

int begin_digest_verifying(void* ctx, const char* hash, void* k, const OSSL_PARAM params[]) {
  if (k != nullptr) of(ctx).now.emplace<verifying>(*static_cast<key*>(k));
  auto* const v = verifying_of(ctx);
  return v != nullptr && v->begin(hash, params);
}

int verify(void* ctx, const unsigned char* signature, std::size_t size, const unsigned char* digest, std::size_t length) {
  auto* const v = verifying_of(ctx);
  return v != nullptr && v->verify({signature, size}, {digest, length});
}

int digest_verify(void* ctx, const unsigned char* signature, std::size_t size, const unsigned char* text, std::size_t length) {
  auto* const v = verifying_of(ctx);
  return v != nullptr && v->verify_message({signature, size}, {text, length});
}

int update_verifying(void* ctx, const unsigned char* part, std::size_t length) {
  auto* const v = verifying_of(ctx);
  return v != nullptr && v->add({part, length});
}

int finish_verifying(void* ctx, const unsigned char* signature, std::size_t size) {
  auto* const v = verifying_of(ctx);
  return v != nullptr && v->finish({signature, size});
}

// --- parameters -------------------------------------------------------------------------------------------------------------

int set_params(void* ctx, const OSSL_PARAM params[]) {
  if (auto* const s = signing_of(ctx); s != nullptr) return s->how.set(params);
  auto* const v = verifying_of(ctx);
  return v != nullptr && v->set(params);
}

int get_params(void* ctx, OSSL_PARAM params[]) {
  if (const auto* const s = signing_of(ctx); s != nullptr) return s->how.get(params);
  const auto* const v = verifying_of(ctx);
  return v != nullptr && v->get(params);
}

const OSSL_PARAM* settable_params(void*, void*) { return scheme::settable(); }
const OSSL_PARAM* gettable_params(void*, void*) { return scheme::gettable(); }

const OSSL_DISPATCH* table() {
  static const OSSL_DISPATCH functions[] = {entry<&make>(OSSL_FUNC_SIGNATURE_NEWCTX),
                                            entry<&release>(OSSL_FUNC_SIGNATURE_FREECTX),
                                            entry<&duplicate>(OSSL_FUNC_SIGNATURE_DUPCTX),
                                            entry<&begin_signing>(OSSL_FUNC_SIGNATURE_SIGN_INIT),
                                            entry<&sign>(OSSL_FUNC_SIGNATURE_SIGN),
                                            entry<&begin_digest_signing>(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT),
                                            entry<&digest_sign>(OSSL_FUNC_SIGNATURE_DIGEST_SIGN),
                                            entry<&update_signing>(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE),
                                            entry<&finish_signing>(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL),
                                            entry<&begin_verifying>(OSSL_FUNC_SIGNATURE_VERIFY_INIT),
                                            entry<&verify>(OSSL_FUNC_SIGNATURE_VERIFY),
                                            entry<&begin_digest_verifying>(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_INIT),
                                            entry<&digest_verify>(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY),
                                            entry<&update_verifying>(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_UPDATE),
                                            entry<&finish_verifying>(OSSL_FUNC_SIGNATURE_DIGEST_VERIFY_FINAL),
                                            entry<&set_params>(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS),
                                            entry<&settable_params>(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS),
                                            entry<&get_params>(OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS),
                                            entry<&gettable_params>(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS),
                                            end_of_dispatch};
  return functions;
}

}  // namespace

const OSSL_ALGORITHM* signatures() noexcept {
  static const OSSL_ALGORITHM all[] = {
      {"ECDSA", properties, table(), "ECDSA by an agent"},
      {"RSA:rsaEncryption:1.2.840.113549.1.1.1", properties, table(), "RSA signatures by an agent"},
      {"ED25519:1.3.101.112", properties, table(), "Ed25519 by an agent"},
      {nullptr, nullptr, nullptr, nullptr}};
  return all;
}

}  // namespace sealring::provider
