// sealring.so: an OpenSSL 3 provider (provider(7)) for keys that an agent keeps.
//
// It lives in other people's programs, and asks nothing of them: no threads, no event loop, no statics with destructors, no
// exception over its border, one symbol. Nothing is connected before the first signature.

#include "agent/provider/algorithms.hpp"
#include "agent/provider/border.hpp"
#include "agent/provider/context.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>

namespace sealring::provider {
namespace {

void teardown(void* ctx) { delete static_cast<context*>(ctx); }

const OSSL_PARAM* gettable_params(void*) {
  static constexpr OSSL_PARAM all[]{{OSSL_PROV_PARAM_NAME, OSSL_PARAM_UTF8_PTR, nullptr, 0, 0},
                                    {OSSL_PROV_PARAM_VERSION, OSSL_PARAM_UTF8_PTR, nullptr, 0, 0},
                                    {OSSL_PROV_PARAM_STATUS, OSSL_PARAM_INTEGER, nullptr, 0, 0},
                                    {nullptr, 0, nullptr, 0, 0}};
  return all;
}

int get_params(void*, OSSL_PARAM params[]) {
  for (OSSL_PARAM* p = params; p != nullptr && p->key != nullptr; ++p) {
    const std::string_view name{p->key};
    const bool good = name == OSSL_PROV_PARAM_NAME      ? OSSL_PARAM_set_utf8_ptr(p, "sealring") == 1
                      : name == OSSL_PROV_PARAM_VERSION ? OSSL_PARAM_set_utf8_ptr(p, version) == 1
                      : name == OSSL_PROV_PARAM_STATUS  ? OSSL_PARAM_set_int(p, 1) == 1
                                                        : true;
    if (!good) return 0;
  }
  return 1;
}

const OSSL_ALGORITHM* query_operation(void*, int operation, int* no_cache) {
  *no_cache = 0;
  switch (operation) {
    case OSSL_OP_KEYMGMT: return key_managements();
    case OSSL_OP_SIGNATURE: return signatures();
    case OSSL_OP_DECODER: return decoders();
    case OSSL_OP_STORE: return stores();
    default: return nullptr;
  }
}

const OSSL_ITEM* get_reason_strings(void*) { return reason_strings; }

int initialise(const OSSL_CORE_HANDLE* core, const OSSL_DISPATCH* in, const OSSL_DISPATCH** out, void** ctx) {
  static const OSSL_DISPATCH functions[] = {entry<&teardown>(OSSL_FUNC_PROVIDER_TEARDOWN),
                                            entry<&gettable_params>(OSSL_FUNC_PROVIDER_GETTABLE_PARAMS),
                                            entry<&get_params>(OSSL_FUNC_PROVIDER_GET_PARAMS),
                                            entry<&query_operation>(OSSL_FUNC_PROVIDER_QUERY_OPERATION),
                                            entry<&get_reason_strings>(OSSL_FUNC_PROVIDER_GET_REASON_STRINGS),
                                            end_of_dispatch};
  auto made = context::make(core, in);
  if (!made) return 0;
  *ctx = made.release();
  *out = functions;
  return 1;
}

}  // namespace
}  // namespace sealring::provider

extern "C" __attribute__((visibility("default"))) int OSSL_provider_init(const OSSL_CORE_HANDLE* core, const OSSL_DISPATCH* in,
                                                                         const OSSL_DISPATCH** out, void** ctx) {
  return sealring::provider::guarded<&sealring::provider::initialise>::call(core, in, out, ctx);
}
