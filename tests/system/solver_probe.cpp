// Meets one challenge as the manager would.
// usage: solver_probe SEALRING.TOML CERTIFICATE NAME STEP...     (STEP: present, look, clean-up, caa)
//
// Each step prints "STEP: ok" or "STEP: what is wrong"; notes come as "note: ...". The status is that of the last step.
#include "agent/manager/solver/check_caa.hpp"
#include "agent/manager/solver/solvers.hpp"

#include <iostream>
#include <string_view>

using namespace sealring;
using namespace sealring::agent;

namespace {

bool show(std::string_view step, const agent::result<void>& done) {
  std::cout << step << ": " << (done ? std::string("ok") : done.error().what) << '\n';
  return done.has_value();
}

void on_note(std::string_view line) { std::cout << "note: " << line << '\n'; }

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 2;
  const auto c = load(argv[1]);
  if (!c) return show("configuration", c.error()) ? 0 : 1;
  const auto* entry = c->find_certificate(argv[2]);
  const auto id = parse_identifier(argv[3]);
  if (!entry || !id) return 2;
  const auto all = solvers::make(
      *c, {}, [](const challenge_task&, const std::string& what) { std::cout << "person: " << what << '\n'; }, on_note);
  if (!all) return show("solvers", all.error()) ? 0 : 1;
  const auto chosen = all->solver_for(*entry, *id);
  if (!chosen) return show("solver", chosen.error()) ? 0 : 1;
  const std::string account = "https://ca.example/acct/1", token = "token-of-" + entry->name;
  const challenge_task task{entry->name, *id, type_for(*entry, *id), token, token + ".thumbprint", account};
  bool good = true;
  for (int n = 4; n < argc; ++n) {
    const std::string_view step = argv[n];
    if (step == "present") good = show(step, (*chosen)->present(task));
    else if (step == "look") good = show(step, (*chosen)->look(task));
    else if (step == "caa")
      good = show(step, check_caa(*c, *id, false, std::vector<std::string>{"ca.example"}, account, task.type, on_note));
    else if (step == "clean-up") static_cast<void>((*chosen)->clean_up(task));
  }
  return good ? 0 : 1;
}
