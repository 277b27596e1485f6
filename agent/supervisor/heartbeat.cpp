#include "agent/supervisor/heartbeat.hpp"

#include "agent/text.hpp"

#include <string>

#include <unistd.h>

namespace sealring::agent {
namespace {

constexpr std::size_t longest_trouble = 1000;  // far below PIPE_BUF, even with what one_line() escapes

// The supervisor's end decides: it makes the pipe nonblocking on both.
void put(int alive, std::string_view text) noexcept {
  if (alive >= 0 && ::write(alive, text.data(), text.size()) < 0) return;
}

}  // namespace

void show_ready(int alive) noexcept { put(alive, "R"); }
void show_alive(int alive) noexcept { put(alive, "."); }

// In one piece, so that no '.' of another thread falls into it.
void show_trouble(int alive, std::string_view text) noexcept {
  put(alive, "T" + one_line(text.substr(0, longest_trouble)) + "\n");
}

void show_failure(int alive, std::string_view text) noexcept {
  put(alive, "E");
  put(alive, text);
}

}  // namespace sealring::agent
