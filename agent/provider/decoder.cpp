// OSSL_OP_DECODER (provider-decoder(7)): PEM to DER, DER to a key.
//
// Every decoding of a key in the process passes here. What is not ours is left to others, without an error and without a trace;
// what is ours and damaged stops the search, with a text that says what is wrong.

#include "agent/client/key_reference.hpp"
#include "agent/provider/algorithms.hpp"
#include "agent/provider/border.hpp"
#include "agent/provider/key.hpp"

#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/pem.h>

namespace sealring::provider {
namespace {

constexpr std::size_t longest = 64 * 1024;  // no reference is near it
constexpr int go_on = 1;                    // "not mine": the next decoder is asked

/// All that there is, if it begins like a reference; else as little as shows that it does not.
bytes read_der(BIO* in) {
  bytes der(64);
  std::size_t filled = 0, got = 0;
  while (BIO_read_ex(in, der.data() + filled, der.size() - filled, &got) == 1) {
    filled += got;
    if (filled < der.size()) continue;
    if (filled == longest || !client::claims_to_be_key_reference(der)) break;
    der.resize(longest);
  }
  der.resize(filled);
  return der;
}

/// The first block of a text, up to its last line, if it is one of ours; else nothing.
std::string read_block(BIO* in) {
  const std::string label = client::key_reference_label;
  const std::string begin = "-----BEGIN " + label + "-----", end = "-----END " + label + "-----";
  std::string block;
  char line[256];
  while (block.size() < longest && BIO_gets(in, line, sizeof line) > 0) {
    const std::string_view text{line};
    if (block.empty() && text.starts_with("-----BEGIN ") && !text.starts_with(begin)) break;
    if (!block.empty() || text.starts_with(begin)) block += text;
    if (text.starts_with(end)) break;
  }
  return block;
}

/// What libcrypto says while we look is no error of the caller's.
class quietly {
public:
  quietly() noexcept { ERR_set_mark(); }
  quietly(const quietly&) = delete;
  quietly& operator=(const quietly&) = delete;
  ~quietly() { ERR_pop_to_mark(); }
};

/// The DER in such a block; nothing where it is damaged.
bytes read_pem(const std::string& block) {
  const detail::bio in{BIO_new_mem_buf(block.data(), static_cast<int>(block.size()))};
  char *label = nullptr, *header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (!in || PEM_read_bio(in.get(), &label, &header, &data, &size) != 1) return {};
  bytes der(data, data + size);
  OPENSSL_free(label);
  OPENSSL_free(header);
  OPENSSL_free(data);
  return der;
}

void* same_context(void* owner) { return owner; }
void nothing(void*) {}

int pem_to_der(void* ctx, OSSL_CORE_BIO* in, int, OSSL_CALLBACK* take, void* argument, OSSL_PASSPHRASE_CALLBACK*, void*) {
  const auto& owner = *static_cast<const context*>(ctx);
  bytes der;
  {
    const quietly no_errors;
    const detail::bio bio{BIO_new_from_core_bio(owner.bare_library(), in)};
    const std::string block = bio ? read_block(bio.get()) : std::string{};
    if (block.empty()) return go_on;
    der = read_pem(block);
  }
  if (der.empty()) return owner.raise(reason::malformed_reference, "its PEM is damaged; write the certificate's files again");
  if (auto read = client::read_key_reference(der); !read) return owner.raise(reason::malformed_reference, read.error().text);
  // Here too, since OSSL_STORE throws away what the next step says.
  if (!check_order(owner)) return 0;
  int type = OSSL_OBJECT_PKEY;
  char structure[] = "sealring-reference";
  OSSL_PARAM object[] = {OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type),
                         OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_STRUCTURE, structure, 0),
                         OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_DATA, der.data(), der.size()), OSSL_PARAM_END};
  return take(object, argument);
}

template <family F>
int der_to_key(void* ctx, OSSL_CORE_BIO* in, int, OSSL_CALLBACK* take, void* argument, OSSL_PASSPHRASE_CALLBACK*, void*) {
  const auto& owner = *static_cast<const context*>(ctx);
  bytes der;
  {
    const quietly no_errors;
    const detail::bio bio{BIO_new_from_core_bio(owner.bare_library(), in)};
    if (bio) der = read_der(bio.get());
  }
  if (!client::claims_to_be_key_reference(der)) return go_on;
  const auto read = client::read_key_reference(der);
  if (!read) return owner.raise(reason::malformed_reference, read.error().text);
  key* const made = key::from_reference(owner, *read);
  if (made == nullptr) return 0;
  if (made->kind() == F) return hand_over(made, take, argument);
  key::release(made);
  return go_on;
}

template <auto Decode>
const OSSL_DISPATCH* table() {
  static const OSSL_DISPATCH functions[] = {entry<&same_context>(OSSL_FUNC_DECODER_NEWCTX),
                                            entry<&nothing>(OSSL_FUNC_DECODER_FREECTX), entry<Decode>(OSSL_FUNC_DECODER_DECODE),
                                            end_of_dispatch};
  return functions;
}

// The structure keeps us out of the way of those who know that they have another.
constexpr const char* from_pem_text = "provider=sealring,input=pem";
constexpr const char* from_der = "provider=sealring,input=der,structure=sealring-reference";

}  // namespace

const OSSL_ALGORITHM* decoders() noexcept {
  static const OSSL_ALGORITHM all[] = {
      // OSSL_STORE's "file:" goes on only with what a decoder called "DER" gives it.
      {"DER", from_pem_text, table<&pem_to_der>(), "PEM to key reference"},
      {"EC", from_der, table<&der_to_key<family::ec>>(), "key reference to EC key"},
      {"RSA", from_der, table<&der_to_key<family::rsa>>(), "key reference to RSA key"},
      {"ED25519", from_der, table<&der_to_key<family::ed25519>>(), "key reference to Ed25519 key"},
      {nullptr, nullptr, nullptr, nullptr}};
  return all;
}

}  // namespace sealring::provider
