// sealring-keeper: the process that has the PIN and the vendor's module. It is started by sealring, and not by people.

#include "agent/keeper/keeper.hpp"
#include "agent/program.hpp"
#include "agent/supervisor/heartbeat.hpp"
#include "agent/text.hpp"
#include "sealring/config.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <span>

using namespace sealring::agent;

namespace {

int usage_error(const std::string& what) {
  std::cerr << "sealring-keeper: error: " << what
            << "\n\"sealring agent\" starts this program, and so does a command that needs the token while no agent runs: "
               "run one of these, see 'sealring --help'\n";
  return 2;
}

/// Before all else: what a sealring of another version says may mean nothing to us.
int refuse_version(std::string_view other, std::string_view descriptors) {
  const std::string why = "sealring " + one_line(other) + " has started sealring-keeper " + sealring::version +
                          ": install both of one version, and restart the agent";
  std::cerr << "sealring-keeper: error: " << why << '\n';
  if (const auto told = parse_descriptors(descriptors); told && told->alive >= 0) show_failure(told->alive, why);
  return exit_operator_needed;
}

/// What follows this word.
std::string_view value_of(std::string_view option, std::span<char* const> words) {
  const auto at = std::ranges::find(words, option);
  return at != words.end() && at + 1 != words.end() ? *(at + 1) : std::string_view{};
}

int run(std::span<char* const> words) {
  const auto starter = value_of("--started-by", words);
  if (!starter.empty() && starter != sealring::version) return refuse_version(starter, value_of("--descriptors", words));
  keeper_plan plan;
  std::string descriptors;
  CLI::App app{"", "sealring-keeper"};
  app.set_help_flag();
  app.set_version_flag("--version", std::string{"sealring-keeper "} + sealring::version);
  app.add_option("--started-by")->required();
  app.add_option("--config", plan.config)->required();
  app.add_option("--owner", plan.owner)->required();
  app.add_option("--manager", plan.manager);
  app.add_option("--descriptors", descriptors)->required();
  app.add_flag("--retry-pin", plan.retry_pin);
  try {
    app.parse(static_cast<int>(words.size()), words.data());
  } catch (const CLI::ParseError& e) {
    return e.get_exit_code() == 0 ? app.exit(e) : usage_error(e.what());
  }
  auto told = parse_descriptors(descriptors);
  if (!told) return usage_error(told.error().what);
  plan.descriptors = *std::move(told);
  return run_keeper(plan);
}

}  // namespace

int main(int argc, char** argv) {
  begin_program("sealring-keeper");
  int code = 1;
  try {
    code = run({argv, static_cast<std::size_t>(argc)});
  } catch (const std::exception& e) {
    std::cerr << "sealring-keeper: error: unexpected: " << e.what() << '\n';
  }
  std::cout.flush();
  leave_program(code);
}
