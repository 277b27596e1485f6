// Serves a running keeper's numbers, beside those of a certificate that is made up, until standard input ends.
// usage: metrics_server CONFIG        prints the port
#include "agent/manager/keeper_link.hpp"
#include "agent/metrics/listener.hpp"

#include <iostream>

using namespace sealring::agent;

namespace {

snapshot take(const config& settings) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  snapshot s;
  s.certificates = {{.name = "served.test",
                     .not_after = now + std::chrono::days{60},
                     .next_renewal = now + std::chrono::days{30},
                     .window_start = now + std::chrono::days{29},
                     .window_end = now + std::chrono::days{31},
                     .last_success = now,
                     .failures = 0,
                     .proven = true,
                     .revoked = false,
                     .valid_scts = 2,
                     .unknown_scts = 0,
                     .bad_scts = 0}};
  s.orders = {{settings.ca.directory, "done", 1}};
  // A link of its own each time: a keeper that has none to the token refuses to say hello, and is asked all the same.
  auto keeper = sealring::client::connection::to(settings.agent.listen, {});
  if (!keeper) return s;
  if (auto counted = (*keeper)->statistics()) s.keeper = *std::move(counted);
  return s;
}

}  // namespace

int main(int, char** arguments) {
  const auto settings = load(arguments[1]);
  if (!settings) return std::cerr << settings.error().what << '\n', 1;
  const auto listener = metrics_listener::open("127.0.0.1:0", [&] { return take(*settings); });
  if (!listener) return std::cerr << listener.error().what << '\n', 1;
  std::cout << listener->port() << std::endl;
  std::cin.get();
}
