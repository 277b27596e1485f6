#pragma once

#include "sealring/acme/blocking.hpp"

#include <thread>

namespace sealring::inline v0::acme::detail {

SEALRING_INLINE void pause(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

}  // namespace sealring::inline v0::acme::detail
