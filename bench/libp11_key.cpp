// A key as libp11 gives it to OpenSSL. In this process, and so in the login that the bench has: it tries no PIN, and its
// C_Initialize finds the module initialised, which it takes well. What it must not do is end anything: PKCS11_CTX_unload would
// finalise the module that we all share, PKCS11_open_session and PKCS11_release_all_slots close everybody's sessions. So
// nothing of it is ever released.
//
// It is looked for at run time: an agent's keeper is to have no more libraries in it than it needs.
#include "agent/text.hpp"
#include "bench/evp_key.hpp"

#include <dlfcn.h>
#if __has_include(<libp11.h>)
#include <libp11.h>
#define SEALRING_HAS_LIBP11 1
#endif

namespace sealring::bench {

#ifdef SEALRING_HAS_LIBP11

namespace {

struct libp11 {
  decltype(&PKCS11_CTX_new) new_context = nullptr;
  decltype(&PKCS11_CTX_init_args) init_args = nullptr;
  decltype(&PKCS11_CTX_load) load = nullptr;
  decltype(&PKCS11_enumerate_slots) slots = nullptr;
  decltype(&PKCS11_enumerate_keys) keys = nullptr;
  decltype(&PKCS11_get_private_key) private_key = nullptr;

  /// All of it, or nothing.
  static std::optional<libp11> open() {
    void* const library = ::dlopen("libp11.so.3", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return std::nullopt;
    libp11 all;
    const auto find = [library](auto& function, const char* name) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
      return function != nullptr;
    };
    if (find(all.new_context, "PKCS11_CTX_new") && find(all.init_args, "PKCS11_CTX_init_args") &&
        find(all.load, "PKCS11_CTX_load") && find(all.slots, "PKCS11_enumerate_slots") &&
        find(all.keys, "PKCS11_enumerate_keys") && find(all.private_key, "PKCS11_get_private_key"))
      return all;
    return std::nullopt;
  }
};

PKCS11_TOKEN* token_of(const libp11& p11, PKCS11_CTX* context, const std::string& serial) {
  PKCS11_SLOT* slots = nullptr;
  unsigned count = 0;
  if (p11.slots(context, &slots, &count) != 0) return nullptr;
  for (unsigned i = 0; i != count; ++i)
    if (PKCS11_TOKEN* const token = slots[i].token; token != nullptr && token->serialnr != nullptr && serial == token->serialnr)
      return token;
  return nullptr;
}

}  // namespace

result<evp_key> evp_key_by_libp11(bed& b, const kind& k) {
  const auto lacking = [](const std::string& what) { return fail(condition::unsupported, what); };
  const auto p11 = libp11::open();
  if (!p11) return lacking("libp11 is not installed (Debian: libp11-3)");
  if (!b.token.module()->threaded())
    return lacking("the module must be called by one thread at a time, which libp11 does not do");
  // It would wait for ever for the first.
  if (b.token.room() < bench_token::unlimited) return lacking("libp11 keeps its sessions, and this token has few");
  auto key = b.token.key(k);
  if (!key) return key.error();
  PKCS11_CTX* const context = p11->new_context();
  if (context == nullptr) return lacking("libp11 makes no context");
  const auto& section = b.token.section();
  if (!section.init_args.empty()) p11->init_args(context, section.init_args.c_str());
  if (p11->load(context, section.module.c_str()) != 0) return lacking("libp11 does not load the module");
  PKCS11_TOKEN* const token = token_of(*p11, context, b.token.info().serial);
  if (token == nullptr) return lacking("libp11 does not show the token");
  PKCS11_KEY* keys = nullptr;
  unsigned count = 0;
  const int listed = p11->keys(token, &keys, &count);
  ERR_clear_error();
  if (listed != 0) return lacking("libp11 does not list the token's keys: one Ed25519 key among them is enough for that");
  const auto mine = std::ranges::find_if(std::span{keys, count}, [&key](const PKCS11_KEY& one) {
    return std::ranges::equal(std::span{one.id, one.id_len}, key->id());
  });
  if (mine == std::span{keys, count}.end()) return lacking("libp11 does not show the key");
  evp_key out{.key = detail::evp_pkey{p11->private_key(std::to_address(mine))}, .public_key = key->public_key()};
  ERR_clear_error();
  if (out.key.get() == nullptr) return lacking("libp11 does not load the key");
  return out;
}

#else

result<evp_key> evp_key_by_libp11(bed&, const kind&) {
  return fail(condition::unsupported, "this program was built without libp11's header (Debian: libp11-dev)");
}

#endif

}  // namespace sealring::bench
