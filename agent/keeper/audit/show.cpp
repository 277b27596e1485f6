#include "agent/keeper/audit/show.hpp"

#include "agent/keeper/audit/lines.hpp"
#include "agent/keeper/audit/text.hpp"
#include "agent/text.hpp"

#include <charconv>
#include <deque>

namespace sealring::agent::audit {
namespace {

// As in the file, but without the quotation marks.
std::string visible(std::string_view text) {
  std::string quoted;
  append_quoted(quoted, text);
  return quoted.substr(1, quoted.size() - 2);
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : visible(text); }

struct describer {
  std::string operator()(const header& h) const { return "begun    log " + visible(h.log); }
  std::string operator()(const event& e) const { return "event    " + visible(e.name) + ": " + visible(e.detail); }
  std::string operator()(const checkpoint& c) const { return "signed   up to " + std::to_string(c.covers); }
  std::string operator()(const request& r) const {
    std::string out = r.verdict == decision::allowed ? "allowed  " : "denied   ";
    out += or_dash(r.operation) + ' ' + or_dash(r.key) + " (" + or_dash(r.purpose) + ") by " + or_dash(r.rule) + " for uid " +
           std::to_string(r.who.uid) + " pid " + std::to_string(r.who.pid) + ' ' + or_dash(r.who.comm) + ": " + or_dash(r.what);
    if (!r.detail.empty()) out += "; " + visible(r.detail);
    return out;
  }
};

}  // namespace

bool fits(const record& r, const filter& f) {
  if ((f.since && r.time < *f.since) || (f.until && r.time > *f.until)) return false;
  if (f.key.empty() && f.rule.empty() && !f.uid && !f.denied) return true;
  const auto* const q = std::get_if<request>(&r.what);
  return q != nullptr && (f.key.empty() || q->key == f.key) && (f.rule.empty() || q->rule == f.rule) &&
         (!f.uid || q->who.uid == *f.uid) && (!f.denied || q->verdict == decision::denied);
}

std::string to_line(const record& r) {
  return to_text(r.time) + "  " + std::to_string(r.sequence) + "  " + std::visit(describer{}, r.what);
}

result<timestamp> parse_time(std::string_view text) {
  static constexpr std::string_view model = "0000-00-00T00:00:00.000000Z";
  std::string whole{text};
  if (whole.ends_with('Z')) whole.pop_back();
  const bool partial = whole.size() == 10 || whole.size() == 16 || whole.size() == 19 || whole.size() == 26;
  if (partial) whole += model.substr(whole.size());
  const auto time = partial ? time_from(whole) : std::nullopt;
  if (time && to_text(*time) == whole) return *time;
  return fail(condition::bad_input, "no time: " + quote(text) + "; write it as 2026-11-24 or 2026-11-24T02:20:00Z, in UTC");
}

result<std::uint64_t> show(const std::filesystem::path& log, const filter& f,
                           const std::function<void(const record&, std::string_view)>& each) {
  auto file = open_file::to_read(log);
  if (!file) return file.error();
  std::uint64_t unreadable = 0;
  std::deque<std::pair<record, std::string>> kept;
  line_reader lines{file->get()};
  while (true) {
    auto l = lines.next();
    if (!l) return l.error();
    if (!*l) break;
    auto r = decode((*l)->text);
    if (!r) ++unreadable;
    if (!r || !fits(*r, f)) continue;
    if (!f.last) {
      each(*r, (*l)->text);
      continue;
    }
    kept.emplace_back(*std::move(r), (*l)->text);
    if (kept.size() > *f.last) kept.pop_front();
  }
  for (const auto& [r, text] : kept) each(r, text);
  return unreadable;
}

}  // namespace sealring::agent::audit
