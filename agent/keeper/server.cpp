#include "agent/keeper/server.hpp"

#include "agent/supervisor/links.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

namespace sealring::agent {

namespace {

/// Replies wait in memory up to this much; a client that does not read them is not read from either.
constexpr std::size_t most_unsent = 4 * wire::max_frame;
/// What is read at once.
constexpr std::size_t most_read = 4096;
/// A client that asks for more than can be done in so long has the replies so far, and comes again when others had their turn.
constexpr std::chrono::milliseconds turn{1};

constexpr std::chrono::seconds patience_with_signature{2};

/// How long a request may take before the module is thought to hang.
std::chrono::seconds patience_with(wire::operation what) {
  switch (what) {
    case wire::operation::generate: return std::chrono::seconds{180};  // RSA-4096 in a smart card
    case wire::operation::list:
    case wire::operation::anchors:
    case wire::operation::retire: return std::chrono::seconds{60};  // a token with thousands of objects
    default: return patience_with_signature;
  }
}

std::chrono::steady_clock::rep due_in(std::chrono::seconds time) {
  return (std::chrono::steady_clock::now() + time).time_since_epoch().count();
}

/// Who has been answered, and asks again at once, has asked again by then: two threads have woken each other.
constexpr std::chrono::microseconds a_moment{200};
/// After so many that did, there is no spare time to wait for, and a timer for each request costs more than it may bring.
constexpr unsigned busy = 16;

bool may_come_later(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

}  // namespace

result<caller> identify(int socket, channel via) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
    return system_failure(errno, "cannot learn who is connected");
  caller who{audit::describe(credentials), {}, via};
  size = 0;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, nullptr, &size) != 0 && errno == ERANGE) {
    who.groups.resize(size / sizeof(gid_t));
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, who.groups.data(), &size) != 0) who.groups.clear();
  }
  return who;
}

struct server::connection {
  connection(int s, caller c) : socket{s}, who{std::move(c)} {}
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() { ::close(socket); }

  const int socket;
  const caller who;
  bytes in;               // not answered yet
  bool has_more = false;  // whole requests in `in`, which wait for their turn
  std::chrono::steady_clock::time_point read_at{};
  bytes out;
  std::size_t sent = 0;  // of `out`
  // Handed from one thread to the next by EPOLL_CTL_MOD and epoll_wait(2); this says so to the memory model, and to TSan.
  std::atomic<bool> at_rest = true;
};

server::server(request_handler handle, server_limits limits, spare_time spare)
    : handle_{std::move(handle)},
      spare_{std::move(spare)},
      limits_{limits},
      epoll_{::epoll_create1(EPOLL_CLOEXEC)},
      wake_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)},
      due_(limits.threads) {
  epoll_event event{EPOLLIN, {.fd = wake_}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
}

server::~server() {
  connections_.clear();
  ::close(wake_);
  ::close(epoll_);
}

result<void> server::listen_on(int socket) {
  // Each event wakes one thread alone.
  epoll_event event{EPOLLIN | EPOLLEXCLUSIVE, {.fd = socket}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) return system_failure(errno, "cannot wait for connections");
  listeners_.push_back(socket);
  return {};
}

result<void> server::serve_command(int socket) {
  auto who = identify(socket, channel::command);
  if (!who) return who.error();
  if (::fcntl(socket, F_SETFL, O_NONBLOCK) != 0) return system_failure(errno, "cannot use the link to the command");
  return add(std::make_unique<connection>(socket, *std::move(who)));
}

result<void> server::take_links(int channel) {
  epoll_event event{EPOLLIN, {.fd = channel}};
  if (::fcntl(channel, F_SETFL, O_NONBLOCK) != 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, channel, &event) != 0)
    return system_failure(errno, "cannot wait for links to the manager");
  links_ = channel;
  return {};
}

void server::take_link() {
  auto link = receive_link(links_);
  if (!link) {  // the supervisor has gone, and will tell us so by a signal
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, links_, nullptr);
    return;
  }
  if (!*link || ::fcntl((*link)->socket.get(), F_SETFL, O_NONBLOCK) != 0) return;  // another thread has it
  caller manager{audit::describe((*link)->other), {}, channel::manager};
  static_cast<void>(add(std::make_unique<connection>((*link)->socket.release(), std::move(manager))));
}

void server::run() {
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < limits_.threads; ++i) others.emplace_back([this, i] { work(i); });
  work(0);
  for (std::thread& other : others) other.join();
}

void server::stop() noexcept {
  stopping_ = true;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

/// One that may take minutes, as a new key does, may hold up all others meanwhile, and a moment longer: many modules do one
/// thing at a time.
bool server::hangs(std::chrono::steady_clock::time_point now) const noexcept {
  const auto ticks = now.time_since_epoch().count();
  const auto soon = (now + patience_with_signature).time_since_epoch().count();
  bool late = false;
  for (const auto& due : due_) {
    const auto when = due.load();
    if (when > soon) return false;
    late = late || (when != 0 && std::max(when, eased_.load()) < ticks);
  }
  return late;
}

void server::work(std::size_t thread) {
  unsigned in_a_row = 0;  // requests that came within a moment
  while (!stopping_) {
    auto ready = next(std::nullopt);
    while (ready && *ready != wake_) {  // which is left readable, for the other threads
      serve(*ready, thread);
      if (stopping_ || !spare_) break;
      const auto answered = std::chrono::steady_clock::now();
      ready = next(in_a_row < busy ? std::optional{a_moment} : std::nullopt);
      in_a_row = ready && std::chrono::steady_clock::now() - answered < a_moment ? in_a_row + 1 : 0;
      if (ready) continue;
      due_[thread] = due_in(patience_with_signature);
      spare_();
      due_[thread] = 0;
    }
  }
}

/// A descriptor with which something is to be done; nothing where there is none within that time.
std::optional<int> server::next(std::optional<std::chrono::nanoseconds> time) const {
  epoll_event event{};
  const timespec most{0, time.value_or(std::chrono::nanoseconds{}).count()};
  int found = time ? ::epoll_pwait2(epoll_, &event, 1, &most, nullptr) : ::epoll_wait(epoll_, &event, 1, -1);
  if (time && found < 0 && errno != EINTR) found = ::epoll_wait(epoll_, &event, 1, 1);  // Linux before 5.11
  return found == 1 ? std::optional{int{event.data.fd}} : std::nullopt;
}

void server::serve(int descriptor, std::size_t thread) {
  if (descriptor == links_) return take_link();
  connection* found = nullptr;
  bool listens = false;
  {
    const std::lock_guard lock{mutex_};
    const auto place = connections_.find(descriptor);
    if (place != connections_.end()) found = place->second.get();
    listens = std::ranges::find(listeners_, descriptor) != listeners_.end();
  }
  if (found != nullptr) converse(*found, thread);
  else if (listens) accept_from(descriptor);
}

void server::accept_from(int listener) {
  const int socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket < 0) return;  // taken by another thread, or gone
  auto who = identify(socket, channel::peer);
  if (who) static_cast<void>(add(std::make_unique<connection>(socket, *std::move(who))));
  else ::close(socket);
}

result<void> server::add(std::unique_ptr<connection> accepted) {
  const std::lock_guard lock{mutex_};
  const uid_t user = accepted->who.process.uid;
  if (accepted->who.via == channel::peer &&
      (connections_.size() >= limits_.connections || per_user_[user] >= limits_.connections_per_user))
    return fail(condition::retry_later, "too many connections");
  const int socket = accepted->socket;
  // The event carries the descriptor rather than the object: it may come after the connection has gone.
  epoll_event event{EPOLLIN | EPOLLONESHOT, {.fd = socket}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) return system_failure(errno, "cannot wait for a request");
  ++per_user_[user];
  connections_[socket] = std::move(accepted);
  return {};
}

void server::remove(connection& ended) {
  std::unique_ptr<connection> last;
  const std::lock_guard lock{mutex_};
  const auto user = per_user_.find(ended.who.process.uid);
  if (--user->second == 0) per_user_.erase(user);
  const bool command_left = ended.who.via == channel::command;
  const auto place = connections_.find(ended.socket);
  last = std::move(place->second);
  connections_.erase(place);
  if (command_left && listeners_.empty()) stop();
}

void server::converse(connection& c, std::size_t thread) {
  static_cast<void>(c.at_rest.exchange(false, std::memory_order_acquire));
  if (!flush(c) || (c.out.empty() && !receive(c, thread))) return remove(c);
  const int socket = c.socket;
  const bool writes_next = !c.out.empty() || c.has_more;
  epoll_event event{(writes_next ? EPOLLOUT : EPOLLIN) | EPOLLONESHOT, {.fd = socket}};
  c.at_rest.store(true, std::memory_order_release);  // from here on it is another thread's, which may end it
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, socket, &event);
}

/// Reads once, and answers what has come. False when the connection is at its end.
bool server::receive(connection& c, std::size_t thread) {
  using clock = std::chrono::steady_clock;
  if (!std::exchange(c.has_more, false)) {
    std::uint8_t buffer[most_read];
    const auto got = ::recv(c.socket, buffer, sizeof buffer, 0);
    if (got == 0) return false;
    if (got < 0) return may_come_later(errno);
    c.in.insert(c.in.end(), buffer, buffer + got);
    c.read_at = clock::now();
  }
  const auto begun = clock::now();
  std::size_t used = 0;
  while (true) {
    const auto next = wire::decode_request(bytes_view{c.in}.subspan(used));
    if (!next) return static_cast<void>(flush(c)), false;  // what came before it is answered
    if (next->missing > 0) break;
    if (c.out.size() > most_unsent || (used != 0 && clock::now() - begun > turn)) {
      c.has_more = true;
      break;
    }
    due_[thread] = due_in(patience_with(next->frame.what));
    handle_(c.who, {next->frame, c.read_at}, c.out);
    due_[thread] = 0;
    if (patience_with(next->frame.what) > patience_with_signature) eased_ = due_in(patience_with_signature);
    used += next->used;
  }
  c.in.erase(c.in.begin(), c.in.begin() + static_cast<std::ptrdiff_t>(used));
  if (c.in.empty() && c.in.capacity() > most_read) bytes{}.swap(c.in);
  return flush(c);  // what the socket does not take, and has_more, wait until it does
}

/// Sends what is waiting, as far as the socket takes it. False when nobody will read it.
bool server::flush(connection& c) {
  while (c.sent < c.out.size()) {
    const auto put = ::send(c.socket, c.out.data() + c.sent, c.out.size() - c.sent, MSG_NOSIGNAL);
    if (put < 0) return may_come_later(errno);
    c.sent += static_cast<std::size_t>(put);
  }
  c.out.clear();
  if (c.out.capacity() > wire::max_frame) bytes{}.swap(c.out);
  c.sent = 0;
  return true;
}

}  // namespace sealring::agent
