#include "agent/keeper/audit/log.hpp"

#include "agent/keeper/audit/commit_queue.hpp"
#include "agent/keeper/audit/tail.hpp"
#include "agent/text.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace sealring::agent::audit {
namespace {

using clock = std::chrono::steady_clock;

result<header> new_header(const bytes& key) {
  fixed_bytes<16> id{};
  if (RAND_bytes(id.data(), static_cast<int>(id.size())) != 1)
    return fail(sealring::detail::crypto_failure(), "no random numbers for a new audit log");
  return header{hexadecimal(id), key};
}

// An anchor that holds a later checkpoint than the log has: the log was cut, or an old copy was put in its place.
result<void> check_anchored(const chain& log, std::string_view anchored) {
  const auto r = decode(anchored);
  const auto* const c = r ? std::get_if<checkpoint>(&r->what) : nullptr;
  if (c == nullptr || !log.is_genuine(*c)) return {};  // of an earlier log
  if (log.last_checkpoint() && *log.last_checkpoint() >= r->sequence) return {};
  return fail(condition::operator_needed,
              "it ends before record " + std::to_string(r->sequence) +
                  ", which the anchor knows: it was cut, or an old copy was put in its place. Nothing is "
                  "signed until a person has looked");
}

}  // namespace

struct audit_log::state {
  state(log_options o, log_file file, link at, std::string log, std::uint64_t uncovered, verifier<es256> key)
      : options(std::move(o)),
        id(std::move(log)),
        check(std::move(key)),
        queue(std::move(file), std::move(at), options.sync == audit_sync::always),
        fresh(uncovered) {}
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() {
    if (auto ended = close(); !ended) report(ended.error());
  }

  template <class Record>
  result<std::uint64_t> append(const Record& what) {
    if (closed) return fail(condition::operator_needed, "the audit log is closed");
    auto number = queue.append(encode(what));
    if (number) note();
    return number;
  }

  result<void> checkpoint();
  result<std::string> write_checkpoint();
  result<void> close();
  void run();
  void note();
  void sync_and_report();
  void report(const failure& f) const {
    if (options.report) options.report(f);
  }

  const log_options options;
  const std::string id;
  const verifier<es256> check;
  commit_queue queue;
  std::atomic<std::uint64_t> fresh;  // records that no checkpoint covers yet
  std::atomic<bool> dirty = true;    // whether something is written and not synced
  std::atomic<bool> closed = false;
  std::atomic<clock::time_point> covered_at = clock::now();
  std::mutex one_checkpoint;
  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  std::thread thread;
};

// Wakes the thread when it has a first record to wait for, or enough of them.
void audit_log::state::note() {
  const std::uint64_t before = fresh.fetch_add(1);
  const bool was_dirty = dirty.exchange(true);
  if (was_dirty && before != 0 && before + 1 != options.checkpoint_records) return;
  {
    const std::lock_guard lock{mutex};
  }  // it is either before its look at these, or waiting
  changed.notify_one();
}

void audit_log::state::run() {
  const bool syncs = options.sync == audit_sync::interval;
  auto last_sync = clock::now();
  auto last_checkpoint = clock::now();
  bool failed = false;
  std::unique_lock lock{mutex};
  while (!stopping) {
    const auto now = clock::now();
    const auto sync_due = syncs && dirty ? last_sync + options.sync_interval : clock::time_point::max();
    const bool enough = fresh >= options.checkpoint_records && !failed;
    const auto checkpoint_due = enough      ? now
                                : fresh > 0 ? last_checkpoint + options.checkpoint_interval
                                            : clock::time_point::max();
    if (sync_due <= now) {
      lock.unlock();
      sync_and_report();
      last_sync = clock::now();
      lock.lock();
    } else if (checkpoint_due <= now) {
      lock.unlock();
      const auto made = checkpoint();
      failed = made.has_error();
      if (failed) report(made.error());
      last_checkpoint = clock::now();
      lock.lock();
    } else if (const auto due = std::min(sync_due, checkpoint_due); due != clock::time_point::max()) {
      changed.wait_until(lock, due);
    } else {
      // The first record after a pause is not late at once.
      changed.wait(lock);
      last_sync = std::max(last_sync, clock::now());
      last_checkpoint = std::max(last_checkpoint, clock::now());
    }
  }
}

void audit_log::state::sync_and_report() {
  dirty = false;
  if (auto synced = queue.sync(); !synced) report(synced.error());
}

result<void> audit_log::state::checkpoint() {
  const std::lock_guard one{one_checkpoint};
  const std::uint64_t covered = fresh.exchange(0);
  if (covered == 0) return {};
  auto line = write_checkpoint();
  if (!line) {
    fresh += covered;
    return line.error();
  }
  result<void> ended;
  for (const anchor& keep : options.anchors) {
    auto kept = keep(*line);
    if (!kept && ended) ended = kept.error();
  }
  return ended;
}

result<std::string> audit_log::state::write_checkpoint() {
  const link at = queue.written();
  audit::checkpoint c{id, at.next - 1, at.hash};
  const auto signature = options.sign(as_bytes(message_of(c)));
  if (!signature) return signature.error();
  if (signature->size() != c.signature.size())
    return fail(condition::peer_fault, "the audit key's signature has " + std::to_string(signature->size()) + " bytes, not 64");
  std::ranges::copy(*signature, c.signature.begin());
  if (!is_signed(c, check)) return fail(condition::peer_fault, "the signature of an audit checkpoint is not the audit key's");
  std::string line;
  auto number = queue.append(encode(c), c.covers + longest_lag, &line);
  if (!number) return number.error();
  dirty = false;
  if (auto synced = queue.sync(); !synced) return synced.error();
  covered_at = clock::now();
  return line;
}

result<void> audit_log::state::close() {
  if (closed.exchange(true)) return {};
  {
    const std::lock_guard lock{mutex};
    stopping = true;
  }
  changed.notify_one();
  if (thread.joinable()) thread.join();
  auto last = checkpoint();
  auto synced = queue.sync();
  if (!last) return last;
  return synced;
}

audit_log::audit_log(std::unique_ptr<state> s) noexcept : state_(std::move(s)) {}
audit_log::audit_log(audit_log&&) noexcept = default;
audit_log& audit_log::operator=(audit_log&&) noexcept = default;
audit_log::~audit_log() = default;

result<audit_log> audit_log::open(log_options o) {
  const auto wrong = [path = quote(o.file.string())](const failure& f) {
    return failure{f.code, "the audit log " + path + ": " + f.what +
                               "; 'sealring audit verify' tells more, and moving it away begins a new one"};
  };
  auto key = verifier_of(o.key);
  if (!key) return key.error();
  auto file = log_file::open(o.file);
  if (!file) return file.error();
  auto end = find_tail(file->descriptor(), o.key);
  if (!end) return wrong(end.error());
  const bool is_new = !end->state.header();
  if (auto whole = check_anchored(end->state, o.anchored); !whole) return wrong(whole.error());

  std::vector<event> news;
  if (is_new && !o.anchored.empty()) news.push_back({"begun", "an anchor knows an earlier log, now gone: " + o.anchored});
  if (end->good < end->size) {
    auto aside = file->set_aside(end->good, end->size);
    if (!aside) return aside.error();
    news.push_back({"torn", std::to_string(end->size - end->good) + " bytes at byte " + std::to_string(end->good) +
                                " were no whole record and were moved to " + aside->first + ", SHA-256 " + aside->second});
  }
  const chain& at = end->state;
  // The checkpoint itself needs no cover.
  const std::uint64_t uncovered = at.signed_up_to() ? at.at().next - *at.signed_up_to() - 2 : at.at().next;
  header first = at.header().value_or(header{});
  if (is_new) {
    auto made = new_header(o.key);
    if (!made) return made.error();
    first = *std::move(made);
  }
  auto s = std::make_unique<state>(std::move(o), *std::move(file), at.at(), first.log, uncovered, *std::move(key));
  if (is_new) {
    if (auto begun = s->append(first); !begun) return begun.error();
  }
  for (const event& e : news) {
    s->report(fail(condition::operator_needed, "the audit log " + quote(s->options.file.string()) + ": " + e.detail));
    if (auto told = s->append(e); !told) return told.error();
  }
  if (auto synced = s->queue.sync(); !synced) return synced.error();
  s->thread = std::thread{[raw = s.get()] { raw->run(); }};
  return audit_log{std::move(s)};
}

result<std::uint64_t> audit_log::append(const request& r) { return state_->append(r); }
result<std::uint64_t> audit_log::append(const event& e) { return state_->append(e); }
result<void> audit_log::checkpoint() { return state_->checkpoint(); }
result<void> audit_log::close() { return state_->close(); }
log_numbers audit_log::numbers() const noexcept {
  const auto [written, synced, size] = state_->queue.progress();
  return {written, written - synced, state_->fresh,
          std::chrono::floor<std::chrono::seconds>(clock::now() - state_->covered_at.load()), size};
}
const std::string& audit_log::id() const noexcept { return state_->id; }

}  // namespace sealring::agent::audit
