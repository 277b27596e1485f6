// sealring-keeper: the process that has the PIN and the vendor's module. It is started by sealring, and not by people.

#include "agent/keeper/keeper.hpp"
#include "agent/program.hpp"
#include "agent/text.hpp"
#include "sealring/config.hpp"

#include <CLI/CLI.hpp>

#include <iostream>

using namespace sealring::agent;

namespace {

int usage_error(const std::string& what) {
  std::cerr << "sealring-keeper: error: " << what
            << "\n\"sealring agent\" starts this program, and so does a command that needs the token while no agent runs: "
               "run one of these, see 'sealring --help'\n";
  return 2;
}

int run(int argc, char** argv) {
  keeper_plan plan;
  std::string descriptors;
  CLI::App app{"", "sealring-keeper"};
  app.set_help_flag();
  app.set_version_flag("--version", std::string{"sealring-keeper "} + sealring::version);
  app.allow_extras();  // which a sealring of another version may give; that is told first
  app.add_option("--started-by", plan.started_by)->required();
  app.add_option("--config", plan.config)->required();
  app.add_option("--owner", plan.owner)->required();
  app.add_option("--manager", plan.manager);
  app.add_option("--descriptors", descriptors)->required();
  app.add_flag("--retry-pin", plan.retry_pin);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return e.get_exit_code() == 0 ? app.exit(e) : usage_error(e.what());
  }
  auto told = parse_descriptors(descriptors);
  if (!told) return usage_error(told.error().what);
  plan.descriptors = *std::move(told);
  if (const auto more = app.remaining(); !more.empty() && plan.started_by == sealring::version)
    return usage_error("what is " + quote(more.front()) + "?");
  return run_keeper(plan);
}

}  // namespace

int main(int argc, char** argv) {
  begin_program("sealring-keeper");
  int code = 1;
  try {
    code = run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "sealring-keeper: error: unexpected: " << e.what() << '\n';
  }
  std::cout.flush();
  leave_program(code);
}
