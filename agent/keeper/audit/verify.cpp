#include "agent/keeper/audit/verify.hpp"

#include "agent/keeper/audit/lines.hpp"
#include "sealring/pem.hpp"

namespace sealring::agent::audit {

anchored_checkpoints read_anchors(std::string_view text) {
  anchored_checkpoints found;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto l = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    const auto r = decode(l);
    if (r && std::holds_alternative<checkpoint>(r->what)) found.by_sequence.emplace(r->sequence, l);
  }
  return found;
}

verifier_state::verifier_state(std::optional<bytes> pinned, const anchored_checkpoints* anchors)
    : chain_(std::move(pinned)), anchors_(anchors) {}

bool verifier_state::bad(std::string why) {
  // One line a record, so that the number that is due tells the line.
  found_.first_bad = bad_record{chain_.at().next, chain_.at().next + 1, std::move(why)};
  return false;
}

bool verifier_state::push(std::string_view line, bool whole) {
  if (found_.first_bad) return false;
  if (!whole) return bad("the last line is incomplete: the log was cut there, a power cut tore it, or it is being written now");
  const auto r = chain_.push(line);
  if (!r) return bad(r.error().what);
  if (!agrees_with_anchors(*r, line)) {
    found_.first_bad = bad_record{r->sequence, r->sequence + 1, "an anchor holds another record, signed by the audit key"};
    return false;
  }
  ++found_.records;
  if (std::holds_alternative<checkpoint>(r->what)) ++found_.checkpoints;
  if (const auto* const e = std::get_if<event>(&r->what); e != nullptr && e->name == "torn") found_.torn.push_back(r->sequence);
  return true;
}

bool verifier_state::agrees_with_anchors(const record& r, std::string_view line) {
  if (anchors_ == nullptr) return true;
  const auto [from, to] = anchors_->by_sequence.equal_range(r.sequence);
  for (auto at = from; at != to; ++at) {
    if (at->second == line) {
      ++found_.anchors;
      found_.excluded_up_to = r.sequence;
      continue;
    }
    // Anyone may have put a line into a journal; only what the key has signed says something.
    const auto other = decode(at->second);
    if (other && chain_.is_genuine(std::get<checkpoint>(other->what))) return false;
    ++found_.foreign_anchors;
  }
  return true;
}

verification verifier_state::finish() const {
  verifier_state end = *this;
  verification& v = end.found_;
  v.signed_up_to = chain_.signed_up_to();
  if (const auto& h = chain_.header()) {
    v.log = h->log;
    v.key = base64(h->key);
  }
  if (v.first_bad) return v;
  if (v.records == 0) end.bad("the log is empty: all of it was cut, or it was never begun");
  if (anchors_ == nullptr) return v;
  for (auto at = anchors_->by_sequence.lower_bound(chain_.at().next); at != anchors_->by_sequence.end(); ++at) {
    const auto r = decode(at->second);
    if (!r || !chain_.is_genuine(std::get<checkpoint>(r->what))) {
      ++v.foreign_anchors;
    } else {
      end.bad("the log ends here, but an anchor holds record " + std::to_string(r->sequence) + ": the log was cut");
      break;
    }
  }
  return v;
}

result<verification> verify(const std::filesystem::path& log, std::optional<bytes> pinned,
                            const anchored_checkpoints* anchors) {
  const bool is_pinned = pinned.has_value();
  auto file = open_file::to_read(log);
  if (!file) return file.error();
  verifier_state state{std::move(pinned), anchors};
  line_reader lines{file->get()};
  while (true) {
    auto l = lines.next();
    if (!l) return l.error();
    if (!*l || !state.push((*l)->text, (*l)->whole)) break;
  }
  verification v = state.finish();
  v.key_pinned = is_pinned;
  return v;
}

result<bytes> read_key(std::string_view text) {
  bytes spki{text.begin(), text.end()};
  if (const auto blocks = from_pem("PUBLIC KEY", text)) {
    spki = blocks->front();
  } else if (text.find('\0') == text.npos) {
    auto trimmed = text.substr(0, text.find_last_not_of(" \r\n\t") + 1);
    if (auto decoded = from_base64(trimmed)) spki = *std::move(decoded);
  }
  if (auto usable = verifier_of(spki); !usable) return usable.error();
  return spki;
}

std::vector<std::string> to_lines(const verification& v) {
  const auto upto = [](std::uint64_t n) { return "record " + std::to_string(n); };
  std::vector<std::string> out;
  out.push_back("log        " + (v.log.empty() ? "unknown: it has no good header" : v.log));
  if (!v.key.empty())
    out.push_back("audit key  " + v.key +
                  (v.key_pinned ? " (as given with --key)" : " (from the log itself; --key FILE pins it)"));
  out.push_back("records    " + std::to_string(v.records) + " good, with " + std::to_string(v.checkpoints) + " checkpoints");
  for (const std::uint64_t n : v.torn)
    out.push_back("torn       before " + upto(n) + ", as a power cut does it; the record says where the rest is");
  out.push_back(v.signed_up_to
                    ? "signed     up to " + upto(*v.signed_up_to) +
                          ": the audit key vouches for each of them. Those behind it have only the hash chain, which whoever "
                          "can write the file can make anew"
                    : "signed     nothing: there is no checkpoint, so that whoever can write the file can make all of it anew");
  out.push_back(v.excluded_up_to ? "not cut    up to " + upto(*v.excluded_up_to) +
                                       ", by an anchor; whether later records were cut off cannot be known"
                                 : "not cut    up to " + (v.signed_up_to ? upto(*v.signed_up_to) : std::string{"nothing"}) +
                                       " only; whether later records were cut off cannot be known without --anchor");
  if (v.foreign_anchors > 0)
    out.push_back("anchor     " + std::to_string(v.foreign_anchors) +
                  " checkpoints of another log or key in it were passed over");
  if (v.first_bad)
    out.push_back("BAD        " + upto(v.first_bad->sequence) + ", line " + std::to_string(v.first_bad->line) + ": " +
                  v.first_bad->why +
                  ". Keep this file and the machine as they are; records before it are good, nothing after it was looked at");
  else out.push_back("good");
  return out;
}

}  // namespace sealring::agent::audit
