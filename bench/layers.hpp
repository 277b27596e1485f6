// The layers there are, and what each needs to be there.
#pragma once

#include "bench/layer.hpp"
#include "bench/token.hpp"

#include <span>

namespace sealring::bench {

class own_agent;
class remoting;

/// What layers are made from, and share. Neither copied nor moved.
struct bed {
  bench_token& token;
  std::filesystem::path state;                            ///< the record of PIN tries
  agent::audit_sync audit = agent::audit_sync::interval;  ///< of the agent
  std::vector<std::string> kinds;                         ///< of all that will be asked for
  std::filesystem::path provider{};                       ///< sealring.so; empty: it is not there
  std::shared_ptr<own_agent> agent{};                     ///< started by the first layer that needs one
  std::shared_ptr<remoting> remote{};                     ///< likewise
  std::optional<failure> no_agent{};                      ///< why it did not start: each is tried once, for each tries a PIN
  std::optional<failure> no_remote{};                     ///< likewise
};

/// A layer that this machine or this token does not have fails with condition::unsupported, and says what is missing.
using make_layer = result<std::unique_ptr<layer>> (*)(bed&, const kind&);

struct layer_name {
  std::string_view word;
  make_layer make;
};

/// From the bottom up.
[[nodiscard]] std::span<const layer_name> layers();
[[nodiscard]] const layer_name* find_layer(std::string_view word);

result<std::unique_ptr<layer>> make_libcrypto(bed&, const kind&);
result<std::unique_ptr<layer>> make_raw(bed&, const kind&);
result<std::unique_ptr<layer>> make_raw_copy(bed&, const kind&);
result<std::unique_ptr<layer>> make_hsm(bed&, const kind&);
result<std::unique_ptr<layer>> make_libp11(bed&, const kind&);
result<std::unique_ptr<layer>> make_p11kit(bed&, const kind&);
result<std::unique_ptr<layer>> make_pkcs11_provider(bed&, const kind&);
result<std::unique_ptr<layer>> make_agent(bed&, const kind&);
result<std::unique_ptr<layer>> make_agent_pipelined(bed&, const kind&);
result<std::unique_ptr<layer>> make_sealring_provider(bed&, const kind&);
result<std::unique_ptr<layer>> make_tls_libcrypto(bed&, const kind&);
result<std::unique_ptr<layer>> make_tls_pkcs11_provider(bed&, const kind&);
result<std::unique_ptr<layer>> make_tls_sealring_provider(bed&, const kind&);

}  // namespace sealring::bench
