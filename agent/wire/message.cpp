#include "agent/wire/message.hpp"

#include "agent/wire/fields.hpp"

#include <utility>

namespace sealring::inline v0::wire {

// Not in an unnamed namespace: the writer and the reader find these by their argument's.

/// A message to write or to read.
template <class T, class M>
concept a = std::same_as<std::remove_const_t<T>, M>;

void fields(auto&, a<nothing> auto&) {}
void fields(auto& io, a<hello_request> auto& m) { io(m.highest_version); }
void fields(auto& io, a<rights> auto& m) { io.flags(m.sign, m.manage, m.approve); }
void fields(auto& io, a<token_facts> auto& m) { io(m.label, m.serial, m.model, m.slot); }
void fields(auto& io, a<hello_reply> auto& m) { io(m.version, m.max_frame, m.rights, m.program, m.token); }
void fields(auto& io, a<describe_reply> auto& m) { io(m.purpose, m.type, m.spki, m.algorithms); }
void fields(auto& io, a<sign_request> auto& m) { io(m.spki_sha256, m.algorithm, m.payload); }
void fields(auto& io, a<sign_reply> auto& m) { io(m.signature); }
void fields(auto& io, a<key_id> auto& m) { io(m.id); }
void fields(auto& io, a<custody> auto& m) {
  io.flags(m.sensitive, m.always_sensitive, m.extractable, m.never_extractable, m.local);
}
void fields(auto& io, a<key_facts> auto& m) {
  io(m.name, m.label);
  io.hex(m.id);
  io(m.purpose, m.type, m.uri, m.spki, m.state, m.custody);
}
void fields(auto& io, a<list_request> auto& m) { io(m.offset); }
void fields(auto& io, a<list_reply> auto& m) { io(m.total, m.keys); }
void fields(auto& io, a<checkpoints> auto& m) { io(m.lines); }
void fields(auto& io, a<statistics_request> auto& m) { io(m.offset); }
void fields(auto& io, a<key_counts> auto& m) { io(m.key, m.done, m.denied, m.failed); }
void fields(auto& io, a<histogram> auto& m) { io(m.counts, m.sum_ns); }
void fields(auto& io, a<latency> auto& m) { io(m.purpose, m.queued, m.in_module); }
void fields(auto& io, a<audit_facts> auto& m) { io(m.records, m.unsynced, m.uncovered, m.checkpoint_age, m.size); }
void fields(auto& io, a<statistics_reply> auto& m) {
  io(m.started, m.signing);
  io.flags(m.up, m.has_log);
  io(m.since, m.outage, m.audit, m.bounds_us, m.latencies, m.total, m.keys);
}
void fields(auto& io, a<approve_request> auto& m) { io(m.operation, m.key, m.parameters, m.expires); }
void fields(auto& io, a<approval> auto& m) { io(m.number); }

template <body M>
result<bytes> encode(const M& m) {
  field_writer out;
  fields(out, m);
  return std::move(out).finish();
}

template <body M>
result<M> decode(bytes_view in) {
  field_reader reader{in};
  M m;
  fields(reader, m);
  if (const auto failed = reader.finish()) return failed;
  return m;
}

namespace {

/// Of a frame, for what is in it beside its body.
constexpr std::size_t room = max_frame - 64;

/// As many from the offset on as fit beside `used` bytes.
template <class Entry>
std::vector<Entry> fitting(std::span<const Entry> all, std::uint32_t offset, std::size_t used) {
  std::vector<Entry> some;
  for (const Entry& one : all.subspan(std::min<std::size_t>(offset, all.size()))) {
    const auto encoded = encode(one);
    if (!encoded || used + encoded->size() > room) break;
    used += encoded->size();
    some.push_back(one);
  }
  return some;
}

}  // namespace

list_reply page(std::span<const key_facts> all, std::uint32_t offset) {
  return {.total = static_cast<std::uint32_t>(all.size()), .keys = fitting(all, offset, 0)};
}

statistics_reply page(statistics_reply whole, std::uint32_t offset) {
  const auto all = std::exchange(whole.keys, {});
  const auto rest = encode(whole);
  if (rest) whole.keys = fitting<key_counts>(all, offset, rest->size());
  return whole;
}

// Each type once, here, so that whoever includes the header compiles none of this.
template result<bytes> encode(const nothing&);
template result<bytes> encode(const hello_request&);
template result<bytes> encode(const hello_reply&);
template result<bytes> encode(const describe_reply&);
template result<bytes> encode(const sign_request&);
template result<bytes> encode(const sign_reply&);
template result<bytes> encode(const key_id&);
template result<bytes> encode(const key_facts&);
template result<bytes> encode(const list_request&);
template result<bytes> encode(const list_reply&);
template result<bytes> encode(const checkpoints&);
template result<bytes> encode(const statistics_request&);
template result<bytes> encode(const key_counts&);
template result<bytes> encode(const statistics_reply&);
template result<bytes> encode(const approve_request&);
template result<bytes> encode(const approval&);
template result<nothing> decode(bytes_view);
template result<hello_request> decode(bytes_view);
template result<hello_reply> decode(bytes_view);
template result<describe_reply> decode(bytes_view);
template result<sign_request> decode(bytes_view);
template result<sign_reply> decode(bytes_view);
template result<key_id> decode(bytes_view);
template result<key_facts> decode(bytes_view);
template result<list_request> decode(bytes_view);
template result<list_reply> decode(bytes_view);
template result<checkpoints> decode(bytes_view);
template result<statistics_request> decode(bytes_view);
template result<key_counts> decode(bytes_view);
template result<statistics_reply> decode(bytes_view);
template result<approve_request> decode(bytes_view);
template result<approval> decode(bytes_view);

}  // namespace sealring::inline v0::wire
