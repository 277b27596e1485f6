// The audit log and what stands beside it, as `audit verify` and `audit show` get them from a machine that may be in other
// hands: records, chains, anchors, keys, times.
#include "agent/keeper/audit/show.hpp"
#include "agent/keeper/audit/verify.hpp"

#include <algorithm>
#include <cstdlib>

using namespace sealring::agent;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void check_record(std::string_view line) {
  const auto read = audit::decode(line);
  if (!read) return;
  demand(line.find('\n') == line.npos && line.size() <= audit::longest_line);
  const std::string shown = audit::to_line(*read);
  demand(std::ranges::none_of(shown, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }));
  demand(audit::time_from(audit::to_text(read->time)) == read->time);
  // Its own hash would be another after any other record: the chain does not take it as its first but for a header.
  const bool first = audit::chain{}.push(line).has_value();
  demand(!first || std::holds_alternative<audit::header>(read->what));
}

void check_log(std::string_view text) {
  const auto anchors = audit::read_anchors(text);
  audit::verifier_state log{{}, &anchors};
  std::uint64_t lines = 0;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    check_record(line);
    log.push(line, end != text.npos);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    ++lines;
  }
  const auto found = log.finish();
  demand(found.records <= lines && found.anchors + found.foreign_anchors <= anchors.by_sequence.size());
  demand(!found.signed_up_to || *found.signed_up_to < found.records);
  demand(!audit::to_lines(found).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  check_log(text);
  if (const auto time = audit::parse_time(text)) demand(audit::time_from(audit::to_text(*time)) == *time);
  static_cast<void>(audit::read_key(text));
  return 0;
}
