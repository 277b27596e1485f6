#include "agent/supervisor/descriptors.hpp"

#include "agent/text.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include <fcntl.h>

namespace sealring::agent {
namespace {

std::vector<int> all(const keeper_descriptors& d) {
  std::vector<int> out = d.listeners;
  for (const int fd : {d.link, d.links, d.alive, d.pin})
    if (fd >= 0) out.push_back(fd);
  return out;
}

// One number above the standard streams, and what follows it.
bool take_number(std::string_view& text, int& out) {
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || out < 3) return false;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return true;
}

}  // namespace

std::string encode(const keeper_descriptors& d) {
  std::string out;
  for (const int fd : d.listeners) out += (out.empty() ? "L=" : ",") + std::to_string(fd);
  const auto add = [&out](const char* name, int fd) {
    if (fd >= 0) out += (out.empty() ? "" : ";") + std::string(name) + "=" + std::to_string(fd);
  };
  add("link", d.link);
  add("links", d.links);
  add("alive", d.alive);
  add("pin", d.pin);
  return out;
}

result<keeper_descriptors> parse_descriptors(std::string_view text) {
  keeper_descriptors out;
  std::string_view rest = text;
  bool good = true;
  while (good && !rest.empty()) {
    const auto name = rest.substr(0, rest.find('='));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    int* const one = name == "link"    ? &out.link
                     : name == "links" ? &out.links
                     : name == "alive" ? &out.alive
                     : name == "pin"   ? &out.pin
                                       : nullptr;
    good = one ? take_number(rest, *one) : name == "L" && take_number(rest, out.listeners.emplace_back());
    while (good && !one && rest.starts_with(',')) {
      rest.remove_prefix(1);
      good = take_number(rest, out.listeners.emplace_back());
    }
    if (good && !rest.empty()) {
      good = rest.starts_with(';') && rest.size() > 1;
      rest.remove_prefix(1);
    }
  }
  // What it does not write itself (another order, a name twice, leading zeros) was not written by our supervisor.
  if (!good || encode(out) != text) {
    return fail(condition::bad_input, quote(text) + " is no list of descriptors; this is for the supervisor alone to write");
  }
  return out;
}

result<void> adopt(const keeper_descriptors& d) {
  for (const int fd : all(d)) {
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
      return system_failure(errno, "descriptor " + std::to_string(fd) + " was not handed over by the supervisor");
    }
  }
  return {};
}

}  // namespace sealring::agent
