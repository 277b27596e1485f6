#include "agent/client/connection.hpp"
#include "agent/doctor/checks.hpp"
#include "agent/text.hpp"

#include <array>

namespace sealring::agent::doctor {

void check_agent(const config& c, findings& found) {
  for (const std::string& where : c.agent.listen) {
    const auto agent = client::connection::to(std::array{where});
    const auto hello = agent ? (*agent)->hello() : client::result<wire::hello_reply>{agent.error()};
    found.push_back({where, "agent", bool{hello},
                     hello ? "answers"
                           : hello.error().text + "; 'sealring agent' starts it; else see its log, and [agent] listen in " +
                                 quote(c.file.string())});
  }
}

}  // namespace sealring::agent::doctor
