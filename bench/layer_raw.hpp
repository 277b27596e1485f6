// Bare PKCS#11 as a layer, on any module that has the key.
#pragma once

#include "bench/layers.hpp"

namespace sealring::bench {

/// `servers`: the processes that the module has behind it. condition::unsupported where the token does not show the key, or
/// does not let it be copied.
[[nodiscard]] result<std::unique_ptr<layer>> make_raw_layer(bench_token&, const hsm::key&, algorithm_id, bool copy,
                                                            std::function<std::vector<pid_t>()> servers = {});

}  // namespace sealring::bench
