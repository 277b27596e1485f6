#include "agent/keeper/audit/tail.hpp"

#include "agent/keeper/audit/lines.hpp"

#include <cerrno>

#include <sys/stat.h>

namespace sealring::agent::audit {
namespace {

bool is_torn(const line& l) { return !l.whole || l.text.find('\0') != l.text.npos; }

// Where the record after the one that the last genuine checkpoint covers begins.
struct start {
  chain state;
  std::uint64_t offset;
};

// Behind an attacker's own checkpoint lies a genuine one, or the first record.
result<std::optional<start>> last_checkpoint(int descriptor, std::uint64_t size, const chain& begun) {
  backward_reader back{descriptor, size};
  std::optional<checkpoint> wanted;
  std::uint64_t after = size;
  while (true) {
    auto l = back.previous();
    if (!l) return l.error();
    if (!*l) return std::nullopt;
    const auto offset = std::exchange(after, (*l)->offset);
    const bool may_be = wanted || (*l)->text.find(R"(,"kind":"checkpoint",)") != std::string_view::npos;
    const auto r = may_be ? decode((*l)->text) : result<record>{fail(condition::bad_input, {})};
    if (!r) continue;
    if (const auto* const c = std::get_if<checkpoint>(&r->what); c != nullptr && !wanted && begun.is_genuine(*c)) wanted = *c;
    if (!wanted || r->sequence != wanted->covers) continue;
    if (r->hash != wanted->chain)
      return fail(condition::operator_needed,
                  "record " + std::to_string(r->sequence) + " is not the one that the audit key signed");
    auto resumed = begun.resumed_at(*wanted);
    if (!resumed) return resumed.error();
    return start{*std::move(resumed), offset};
  }
}

}  // namespace

result<tail> find_tail(int descriptor, const bytes& key) {
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return system_failure(errno, "cannot look at the audit log");
  tail t{chain{key}, 0, static_cast<std::uint64_t>(status.st_size)};
  line_reader head{descriptor};
  auto first = head.next();
  if (!first) return first.error();
  // Cut short in its very first record. Longer than that, it held more, and is not ours to set aside.
  if (!*first || (!(*first)->whole && t.size <= longest_line)) return t;
  chain begun{key};
  if (auto r = begun.push((*first)->text); !r)
    return fail(condition::operator_needed, "its first line is no header of this keeper: " + r.error().what);
  start from{begun, (*first)->text.size() + 1};
  auto nearer = last_checkpoint(descriptor, t.size, begun);
  if (!nearer) return nearer.error();
  if (*nearer) from = **std::move(nearer);

  t.state = std::move(from.state);
  t.good = from.offset;
  line_reader lines{descriptor, t.good};
  while (true) {
    auto l = lines.next();
    if (!l) return l.error();
    if (!*l || is_torn(**l)) return t;
    if (auto r = t.state.push((*l)->text); !r)
      return fail(condition::operator_needed, "record " + std::to_string(t.state.at().next) + ", at byte " +
                                                  std::to_string((*l)->offset) + ": " + r.error().what);
    t.good = (*l)->offset + (*l)->text.size() + 1;
  }
}

}  // namespace sealring::agent::audit
