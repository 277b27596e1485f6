#include "agent/client/connection.hpp"

#include "agent/client/transfer.hpp"

#include <unistd.h>

#include <algorithm>

namespace sealring::inline v0::client {
namespace {

using wire::errc;
using wire::operation;

constexpr std::size_t most_keys = 100'000;  // far more than a token holds: a list that does not end is a fault

/// May it be done twice? Generating and retiring may not, nor what counts approvals.
bool repeatable(operation o) noexcept {
  return o != operation::generate && o != operation::retire && o != operation::approve && o != operation::finish;
}

refusal explain(std::error_code code, bool may_be_done) {
  auto text = code.message();
  if (code == errc::timed_out && may_be_done) text += "; whether it was done is not known";
  return {code, std::move(text)};
}

refusal bad_answer(const std::string& why) {
  return {errc::bad_answer, make_error_code(errc::bad_answer).message() + ": " + why};
}

/// The reply to this request, past those that earlier calls on this socket did not wait for.
sealring::result<wire::reply> read_reply(incoming& in, int fd, operation what, std::uint32_t id, instant deadline) {
  for (;;) {
    auto reply = in.next(fd, deadline);
    if (!reply || (reply->id == id && reply->what == what && in.at_boundary())) return reply;
    if (reply->id == 0 || reply->id >= id) return errc::bad_answer;
  }
}

}  // namespace

connection::connection(std::vector<address> addresses, settings s)
    : addresses_{std::move(addresses)}, settings_{std::move(s)} {}

connection::connection(int fd, settings s) : settings_{std::move(s)}, sockets_{descriptor{fd}} {}

connection::~connection() = default;

result<std::shared_ptr<connection>> connection::to(std::span<const std::string> addresses, settings s) {
  auto parsed = address::parse(addresses);
  if (!parsed) return std::move(parsed).error();
  return std::shared_ptr<connection>{new connection{*std::move(parsed), std::move(s)}};
}

std::shared_ptr<connection> connection::on(int fd, settings s) {
  return std::shared_ptr<connection>{new connection{fd, std::move(s)}};
}

instant connection::deadline_of(limit own) const {
  constexpr milliseconds longest = std::chrono::hours{24};  // keeps the sum in range
  return std::chrono::steady_clock::now() + std::min(own.value_or(settings_.deadline), longest);
}

refusal connection::told(std::string_view key, refusal why) const {
  if (settings_.on_refusal) settings_.on_refusal(key, why);
  return why;
}

// The body of the reply. A socket from an earlier call may have lost its keeper since; a new keeper is asked once, on a new
// one.
result<bytes> connection::ask(operation what, std::string_view key, bytes_view body, instant deadline) {
  socket_pool::turn mine{sockets_, deadline};
  if (!mine.taken()) return refusal{errc::timed_out, "earlier calls held the only connection until the deadline"};

  bytes frame;
  for (int tries = 1;; ++tries) {
    const auto id = mine.next_id();
    frame.clear();
    if (auto fits = wire::append(frame, wire::request{what, id, key, body}); !fits) return explain(fits.error(), false);
    if (mine.fd() < 0) {
      if (sockets_.single()) return explain(errc::closed, false);
      auto fd = dial(addresses_, settings_.peers, deadline);
      if (!fd) return fd.error();
      mine.open(*std::move(fd));
    }

    std::size_t sent = 0;
    incoming in;
    auto failed = send_all(mine.fd(), frame, deadline, sent);
    if (!failed) {
      const auto reply = read_reply(in, mine.fd(), what, id, deadline);
      if (reply && reply->outcome == wire::status::ok) return bytes(reply->body.begin(), reply->body.end());
      if (reply) {
        const auto code = wire::to_error_code(reply->outcome);
        return refusal{code, reply->body.empty() ? code.message() : std::string{as_text(reply->body)}};
      }
      failed = reply.error();
    }

    const bool may_be_done = sent > 0 && !repeatable(what);
    const bool in_step = failed == errc::timed_out && sent == frame.size() && in.at_boundary();
    if (!(sockets_.single() && in_step)) mine.close();
    if (failed == errc::timed_out) return explain(failed, may_be_done);
    if (failed != errc::closed) return bad_answer(failed.message());
    if (may_be_done) return explain(errc::lost_answer, true);
    if (tries == 2) return explain(errc::closed, false);
  }
}

template <operation O>
result<typename wire::exchange<O>::reply> connection::call(std::string_view key,
                                                           const typename wire::exchange<O>::request& request,
                                                           instant deadline) {
  const auto body = wire::encode(request);
  if (!body) return told(key, explain(body.error(), false));
  auto answer = ask(O, key, *body, deadline);
  if (!answer) return told(key, std::move(answer).error());
  auto reply = wire::decode<typename wire::exchange<O>::reply>(*answer);
  if (!reply) return told(key, bad_answer(reply.error().message()));
  return *std::move(reply);
}

namespace {

template <class T>
result<void> done(const result<T>& r) {
  if (!r) return r.error();
  return {};
}

result<bytes> signature_in(result<wire::sign_reply> r) {
  if (!r) return std::move(r).error();
  return std::move(r->signature);
}

}  // namespace

result<wire::hello_reply> connection::hello(limit own) {
  auto reply = call<operation::hello>({}, {}, deadline_of(own));
  if (reply && reply->version != wire::version)
    return told({},
                {errc::unsupported, "the keeper wants to speak version " + std::to_string(reply->version) + " of the wire"});
  return reply;
}

result<wire::describe_reply> connection::describe(std::string_view key, limit own) {
  return call<operation::describe>(key, {}, deadline_of(own));
}

result<bytes> connection::sign_message(std::string_view key, const wire::sign_request& r, limit own) {
  return signature_in(call<operation::sign_message>(key, r, deadline_of(own)));
}

result<bytes> connection::sign_digest(std::string_view key, const wire::sign_request& r, limit own) {
  return signature_in(call<operation::sign_digest>(key, r, deadline_of(own)));
}

result<wire::key_facts> connection::generate(std::string_view key, const wire::key_id& id, limit own) {
  return call<operation::generate>(key, id, deadline_of(own));
}

result<void> connection::adopt(std::string_view key, const wire::key_id& id, limit own) {
  return done(call<operation::adopt>(key, id, deadline_of(own)));
}

result<void> connection::retire(std::string_view key, const wire::key_id& id, limit own) {
  return done(call<operation::retire>(key, id, deadline_of(own)));
}

result<std::vector<wire::key_facts>> connection::list(limit own) {
  const auto deadline = deadline_of(own);
  std::vector<wire::key_facts> all;
  for (;;) {
    auto page = call<operation::list>({}, {.offset = static_cast<std::uint32_t>(all.size())}, deadline);
    if (!page) return std::move(page).error();
    all.insert(all.end(), std::move_iterator{page->keys.begin()}, std::move_iterator{page->keys.end()});
    if (all.size() >= page->total) return all;
    if (page->keys.empty() || all.size() > most_keys) return told({}, bad_answer("a list of keys that does not end"));
  }
}

result<std::vector<std::string>> connection::anchors(limit own) {
  auto reply = call<operation::anchors>({}, {}, deadline_of(own));
  if (!reply) return std::move(reply).error();
  return std::move(reply->lines);
}

result<wire::statistics_reply> connection::statistics(limit own) {
  const auto deadline = deadline_of(own);
  auto all = call<operation::statistics>({}, {}, deadline);
  for (std::size_t got = all ? all->keys.size() : 0; all && got < all->total;) {
    auto page = call<operation::statistics>({}, {.offset = static_cast<std::uint32_t>(got)}, deadline);
    if (!page) return page;
    if (page->keys.empty() || got > most_keys) return told({}, bad_answer("a list of keys that does not end"));
    got += page->keys.size();
    // A key that came between two pages moves those behind it, so that one may come again.
    for (wire::key_counts& one : page->keys)
      if (all->keys.empty() || all->keys.back().key < one.key) all->keys.push_back(std::move(one));
  }
  return all;
}

result<std::uint64_t> connection::approve(const wire::approve_request& r, limit own) {
  const auto reply = call<operation::approve>({}, r, deadline_of(own));
  if (!reply) return reply.error();
  return reply->number;
}

result<void> connection::finish(std::uint64_t number, limit own) {
  return done(call<operation::finish>({}, {.number = number}, deadline_of(own)));
}

result<void> connection::reload(limit own) { return done(call<operation::reload>({}, {}, deadline_of(own))); }

}  // namespace sealring::inline v0::client
