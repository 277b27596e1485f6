// sealring audit verify, sealring audit show: the keeper's log, read without keeper, token or CA.

#include "agent/cli/command_line.hpp"
#include "agent/file.hpp"
#include "agent/keeper/audit/show.hpp"
#include "agent/keeper/audit/verify.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <iostream>

namespace sealring::agent::cli {

namespace {

// Checkpoints of years: a line a minute has 250 MB each year.
constexpr std::size_t largest_anchor = std::size_t{1} << 30;

result<std::filesystem::path> log_of(const std::string& given, const global_options& global) {
  if (!given.empty()) return std::filesystem::path{given};
  auto settings = load(global.config);
  if (!settings) return settings.error();
  return settings->agent.audit;
}

boost::json::value or_null(const std::optional<std::uint64_t>& number) {
  return number ? boost::json::value(*number) : boost::json::value(nullptr);
}

boost::json::object to_json(const audit::verification& v) {
  boost::json::object o{{"good", v.good()},
                        {"log", v.log},
                        {"key", v.key},
                        {"key_pinned", v.key_pinned},
                        {"records", v.records},
                        {"checkpoints", v.checkpoints},
                        {"signed_up_to", or_null(v.signed_up_to)},
                        {"excluded_up_to", or_null(v.excluded_up_to)},
                        {"anchors", v.anchors},
                        {"foreign_anchors", v.foreign_anchors},
                        {"torn", boost::json::array(v.torn.begin(), v.torn.end())},
                        {"first_bad", nullptr}};
  if (v.first_bad)
    o["first_bad"] = {{"sequence", v.first_bad->sequence}, {"line", v.first_bad->line}, {"why", v.first_bad->why}};
  return o;
}

}  // namespace

result<outcome> run(const audit_verify_options& o, const global_options& global, output& out) {
  const auto log = log_of(o.log, global);
  if (!log) return log.error();
  std::optional<bytes> pinned;
  if (!o.key.empty()) {
    const auto text = read_file(o.key, 65536);
    if (!text) return text.error();
    auto key = audit::read_key(*text);
    if (!key) return failure{key.error().code, o.key + ": " + key.error().what};
    pinned = *std::move(key);
  }
  audit::anchored_checkpoints anchors;
  if (!o.anchor.empty()) {
    const auto text = read_file(o.anchor, largest_anchor);
    if (!text) return text.error();
    anchors = audit::read_anchors(*text);
    if (anchors.by_sequence.empty())
      return fail(condition::bad_input,
                  o.anchor + ": no audit checkpoint in it; 'journalctl -o cat' prints them as they must be");
  }
  const auto found = audit::verify(*log, std::move(pinned), o.anchor.empty() ? nullptr : &anchors);
  if (!found) return found.error();
  for (const std::string& line : audit::to_lines(*found)) out.say(line);
  out.print(to_json(*found));
  return found->good() ? outcome::done : outcome::failed_in_part;
}

result<outcome> run(const audit_show_options& o, const global_options& global, output& out) {
  const auto log = log_of(o.log, global);
  if (!log) return log.error();
  // A log may be larger than memory: one document a line, as it stands in the log.
  const auto unreadable = audit::show(*log, o.wanted, [&out](const audit::record& r, std::string_view line) {
    if (out.json()) std::cout << line << '\n';
    else out.say(audit::to_line(r));
  });
  if (!unreadable) return unreadable.error();
  if (*unreadable == 0) return outcome::done;
  out.warn(std::to_string(*unreadable) + " lines are no records; 'sealring audit verify' tells more");
  return outcome::failed_in_part;
}

}  // namespace sealring::agent::cli
