// sealring: the agent and its command line, in one program; the keeper alone is another.

#include "agent/cli/command_line.hpp"
#include "agent/manager/manager.hpp"
#include "agent/program.hpp"

#include <iostream>

using namespace sealring::agent;

namespace {

int run(const cli::invocation& invocation) {
  const auto& global = invocation.global;
  cli::output out{std::cout, std::cerr, cli::detect(global.json, global.quiet)};
  try {
    if (global.as_manager) {
      if (const auto entered = enter_manager(global.config, *global.as_manager); !entered) {
        out.error(entered.error());
        return exit_code(entered.error());
      }
    }
    const auto ended = std::visit([&](const auto& verb) { return cli::run(verb, global, out); }, invocation.verb);
    if (ended) return static_cast<int>(*ended);
    out.error(ended.error());
    return exit_code(ended.error());
  } catch (const std::exception& e) {
    out.error(fail(sealring::condition::operator_needed, std::string{"unexpected: "} + e.what()));
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  begin_program("sealring");
  int code = run(cli::parse_command_line(argc, argv));
  if (!std::cout.flush() && code == 0) code = 1;  // the result did not reach whoever asked for it
  std::cerr.flush();
  leave_program(code);
}
