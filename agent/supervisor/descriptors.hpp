// What a role finds open when it starts, told by number on its hidden command line: "L=10,11;link=12;alive=13".
#pragma once

#include "agent/failure.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sealring::agent {

struct keeper_descriptors {
  std::vector<int> listeners;  ///< nonblocking: the keeper's sign sockets, the manager's control sockets
  int link = -1;               ///< of a socket pair whose other end is the manager's; -1: none
  int links = -1;              ///< where the supervisor sends links, one after the other: see links.hpp; -1: none
  int alive = -1;              ///< the pipe that shows health, see heartbeat.hpp; -1: nobody watches
  int pin = -1;                ///< the systemd credential "pin", which only the supervisor could open; -1: none
  bool operator==(const keeper_descriptors&) const = default;
};

[[nodiscard]] std::string encode(const keeper_descriptors&);

/// condition::bad_input for anything that `encode` would not have written.
[[nodiscard]] result<keeper_descriptors> parse_descriptors(std::string_view);

/// Takes them over: each must be open, and is made close-on-exec. To be called once, at start, before anything opens a file.
[[nodiscard]] result<void> adopt(const keeper_descriptors&);

}  // namespace sealring::agent
