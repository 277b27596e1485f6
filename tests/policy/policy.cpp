#include "agent/keeper/policy/policy.hpp"

#include "policy/scene.hpp"

namespace sealring::test {

TEST_CASE("policy: samples", "[policy]") {
  const scene& s = the_scene();
  for (const sample& one : s.samples) {
    const auto v = s.judge(one);
    WARN(one.label << " w" << one.world << " uid " << one.from.uid << ": " << v.allowed << " " << name(v.decided_by) << " | "
                   << v.why << " | " << v.what);
  }
}

}  // namespace sealring::test
