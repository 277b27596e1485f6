#include "agent/supervisor/heartbeat.hpp"

#include <string>

#include <unistd.h>

namespace sealring::agent {
namespace {

// The supervisor's end decides: it makes the pipe nonblocking on both.
void put(int alive, std::string_view text) noexcept {
  if (alive >= 0 && ::write(alive, text.data(), text.size()) < 0) return;
}

}  // namespace

void show_ready(int alive) noexcept { put(alive, "R"); }
void show_alive(int alive) noexcept { put(alive, "."); }

void show_failure(int alive, std::string_view text) noexcept {
  put(alive, "E");
  put(alive, text);
}

}  // namespace sealring::agent
