// sealring audit anchor: the audit log's last checkpoint as the token holds it, for `audit verify --anchor`.

#include "agent/cli/command_line.hpp"
#include "agent/manager/keeper_link.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

namespace sealring::agent::cli {

result<outcome> run(const audit_anchor_options&, const global_options& global, output& out) {
  const auto settings = load(global.config);
  if (!settings) return settings.error();
  const auto keys = keeper_link::open(*settings);
  if (!keys) return keys.error();
  const auto lines = keys->anchors();
  if (!lines) return lines.error();
  for (const std::string& line : *lines) out.say(line);
  out.print(boost::json::object{{"anchors", boost::json::array(lines->begin(), lines->end())}});
  if (!lines->empty()) return outcome::done;
  out.warn(
      "the token holds no checkpoint of the audit log, or no data at all; the journal may: "
      "journalctl -o cat _SYSTEMD_UNIT=sealring.service SYSLOG_IDENTIFIER=sealring");
  return outcome::nothing_to_do;
}

}  // namespace sealring::agent::cli
