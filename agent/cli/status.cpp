// sealring status: how all are, on one screen, and what needs a person.

#include "agent/cli/by_manager.hpp"
#include "agent/cli/manager_door.hpp"
#include "agent/cli/shown.hpp"

#include <boost/json/array.hpp>

namespace sealring::agent::cli {

namespace {
/// What fits a screen beside the rest.
constexpr std::size_t most_lines = 15;
}  // namespace

result<outcome> run(const status_options&, const global_options& global, output& out) {
  if (needs_errand(global)) return by_manager(global, errand{.arguments = global.arguments});
  auto door = manager_door::open(global, out, manager_door::purpose::to_look);
  if (!door) return door.error();
  const auto status = door->call("GET", "/v1/status");
  if (!status) return status.error();
  const bool up = shown(*status, "hsm.up") == "true";
  std::vector<std::vector<std::string>> rows{
      {"certificates", shown(*status, "certificates.configured") + " configured, " + shown(*status, "certificates.good") +
                           " good, " + shown(*status, "certificates.missing") + " missing"},
      {"token", up ? shown(*status, "hsm.token.label") + " is up" : "DOWN: " + shown(*status, "hsm.trouble")},
      {"CA", shown(*status, "directory")}};
  const std::string next = shown(*status, "next_renewal.name");
  if (!next.empty()) rows.push_back({"next renewal", next + " at " + shown_time(*status, "next_renewal.at")});
  out.table({}, rows);
  const auto& needs = status->at("needs_person").as_array();
  std::size_t lines = 0;
  for (const boost::json::value& one : needs) {
    for (const boost::json::value& trouble : one.at("troubles").as_array()) {
      if (++lines <= most_lines) out.say(shown(one, "name") + ": " + std::string{trouble.as_string()});
    }
  }
  if (lines > most_lines) out.say("and " + std::to_string(lines - most_lines) + " more lines: --json has them all");
  if (lines == 0 && up) out.say("Nothing needs a person.");
  out.print(*status);
  return needs.empty() && up ? outcome::done : outcome::failed_in_part;
}

}  // namespace sealring::agent::cli
