// What tests of the wire need beyond those of the toolkit: frames out of parts, bytes by chance.
#pragma once

#include "agent/wire/message.hpp"
#include "unit/support.hpp"

#include <chrono>
#include <random>

namespace sealring::test {

inline constexpr std::chrono::seconds long_enough{20};  // for what must come; no test waits for its end

inline bytes frame_of(const wire::request& r) {
  bytes out;
  if (const auto done = wire::append(out, r); !done) FAIL("cannot encode: " << done.error().message());
  return out;
}

inline bytes frame_of(const wire::reply& r) {
  bytes out;
  if (const auto done = wire::append(out, r); !done) FAIL("cannot encode: " << done.error().message());
  return out;
}

inline bytes random_bytes(std::mt19937& chance, std::size_t size) {
  bytes out(size);
  for (auto& octet : out) octet = static_cast<std::uint8_t>(chance());
  return out;
}

}  // namespace sealring::test
