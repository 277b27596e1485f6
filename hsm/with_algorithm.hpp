// From an algorithm known at run time to its type.
#pragma once

#include "sealring/algorithm.hpp"

namespace sealring::inline v0::hsm {

/// Calls `f` with the algorithm that `id` names.
template <class F>
auto with_algorithm(algorithm_id id, F&& f) {
  switch (id) {
    case algorithm_id::es256: return f(es256{});
    case algorithm_id::es384: return f(es384{});
    case algorithm_id::es512: return f(es512{});
    case algorithm_id::rs256: return f(rs256{});
    case algorithm_id::ps256: return f(ps256{});
    case algorithm_id::eddsa: break;
  }
  return f(eddsa{});
}

}  // namespace sealring::inline v0::hsm
