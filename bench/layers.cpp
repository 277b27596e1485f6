#include "bench/layers.hpp"

#include "bench/words.hpp"

namespace sealring::bench {

std::span<const layer_name> layers() {
  static constexpr layer_name all[] = {
      {"libcrypto", make_libcrypto},
      {"raw", make_raw},
      {"raw-copy", make_raw_copy},
      {"hsm", make_hsm},
      {"pkcs11-provider", make_pkcs11_provider},
      {"libp11", make_libp11},
      {"p11-kit", make_p11kit},
      {"agent", make_agent},
      {"agent-pipelined", make_agent_pipelined},
      {"sealring-provider", make_sealring_provider},
      {"tls-libcrypto", make_tls_libcrypto},
      {"tls-pkcs11-provider", make_tls_pkcs11_provider},
      {"tls-sealring-provider", make_tls_sealring_provider},
  };
  return all;
}

const layer_name* find_layer(std::string_view word) {
  for (const layer_name& one : layers())
    if (one.word == word) return &one;
  return nullptr;
}

std::vector<std::string_view> layer_words() {
  std::vector<std::string_view> out;
  for (const layer_name& one : layers()) out.push_back(one.word);
  return out;
}

std::vector<std::string_view> kind_words() {
  std::vector<std::string_view> out;
  for (const kind& one : all_kinds) out.push_back(one.word);
  return out;
}

}  // namespace sealring::bench
