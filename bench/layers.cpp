#include "bench/layers.hpp"

#include "bench/words.hpp"

namespace sealring::bench {

std::span<const layer_name> layers() {
  static constexpr layer_name all[] = {
      {"libcrypto", "a key in this process's memory", make_libcrypto},
      {"raw", "C_SignInit and C_Sign on the token object: the floor", make_raw},
      {"raw-copy", "the same on a session copy of the key", make_raw_copy},
      {"hsm", "hsm::signer", make_hsm},
      {"agent", "a sealring agent, by its socket, one request a thread", make_agent, true},
      {"agent-pipelined", "the same, --in-flight requests on each thread's connection", make_agent_pipelined, true},
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
