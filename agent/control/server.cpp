#include "agent/control/server.hpp"

#include "agent/control/operations.hpp"
#include "agent/control/users_share.hpp"
#include "agent/supervisor/descriptor.hpp"
#include "agent/text.hpp"
#include "agent/wire/text.hpp"

#include <boost/json/serialize.hpp>

#include <cerrno>
#include <charconv>

#include <fcntl.h>
#include <microhttpd.h>
#include <sys/socket.h>

namespace sealring::agent::control {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t bytes_a_connection = 32 * 1024;  // all headers must fit

std::optional<ucred> peer_of(MHD_Connection* connection) {
  const auto* const info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  ucred peer{};
  socklen_t size = sizeof peer;
  if (!info || ::getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return peer;
}

void shut(MHD_Connection* connection) noexcept {
  const auto* const info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  if (info) ::shutdown(info->connect_fd, SHUT_RDWR);
}

// One request as it comes in.
struct exchange {
  request asked;
  std::string body;
  std::optional<failure> wrong;
  clock::time_point until;  // its body must be here
};

MHD_Result add_query(void* into, MHD_ValueKind, const char* key, const char* value) noexcept try {
  auto& x = *static_cast<exchange*>(into);
  const std::string_view text = value ? value : "";
  if (!wire::is_text(key) || !wire::is_text(text)) {
    x.wrong = fail(condition::bad_input, "the query is not UTF-8, or has control characters");
  } else if (!x.asked.query.emplace(key, text).second) {
    x.wrong = fail(condition::bad_input, "the query has " + quote(key) + " twice");
  }
  return MHD_YES;
} catch (const std::bad_alloc&) {
  return MHD_NO;
}

bool announces_too_much(MHD_Connection* connection) {
  const char* const text = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
  if (!text) return false;
  const std::string_view digits = text;
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  return error != std::errc{} || length > max_body;
}

MHD_Result send(MHD_Connection* connection, const reply& r) {
  std::string body = json::serialize(r.body) + "\n";
  MHD_Response* const response = MHD_create_response_from_buffer(body.size(), body.data(), MHD_RESPMEM_MUST_COPY);
  if (!response) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
                          r.status < 400 ? "application/json" : "application/problem+json");
  if (!r.allow.empty()) MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, r.allow.c_str());
  const MHD_Result queued = MHD_queue_response(connection, r.status, response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace

struct server::state {
  state(router r, server_options o) : routes(std::move(r)), options(std::move(o)), share(options.connections_a_user) {}
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() { end(); }

  void end() {
    under_way.cut();
    if (daemon) MHD_stop_daemon(std::exchange(daemon, nullptr));  // waits for its threads
  }

  std::unique_ptr<exchange> begin(MHD_Connection* connection, const char* path, const char* method) const {
    auto x = std::make_unique<exchange>();
    x->until = clock::now() + options.patience;
    x->asked.method = method;
    if (wire::is_text(path)) x->asked.path = path;
    else x->wrong = fail(condition::bad_input, "the path is not UTF-8, or has control characters");
    const auto peer = peer_of(connection);
    if (peer) x->asked.who = {peer->uid, peer->gid, peer->pid};
    else x->wrong = fail(condition::denied, "the system does not say who asks");
    MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, &add_query, x.get());
    return x;
  }

  // All is here: the handler's answer, or why there is none.
  MHD_Result finish(MHD_Connection* connection, exchange& x) {
    if (x.wrong) return send(connection, to_reply(refusal(*x.wrong)));
    const auto found = routes.find(x.asked);
    if (!found) return send(connection, found.error());
    const route& r = **found;
    if (auto allowed = check_allowed(r, x.asked); !allowed) return send(connection, to_reply(allowed.error()));
    auto body = parse_body(x.body);
    if (!body) return send(connection, to_reply(refusal(body.error())));
    x.asked.body = *std::move(body);
    if (auto taken = check_taken(r, x.asked); !taken) return send(connection, to_reply(refusal(taken.error())));
    if (const auto* const handler = std::get_if<quick>(&r.handler)) return send(connection, to_reply((*handler)(x.asked)));
    auto told = under_way.start(std::get<lengthy>(r.handler), x.asked);
    if (!told) return send(connection, to_reply(refusal(told.error())));
    return send_stream(connection, *std::move(told));
  }

  answer check_allowed(const route& r, const request& asked) const {
    if (!r.for_operators()) return {};
    const std::string who = "uid " + std::to_string(asked.who.uid) + ", process " + std::to_string(asked.who.pid);
    const bool may = options.is_operator(asked.who.uid);
    if (options.log) options.log(asked.method + " " + quote(asked.path) + " by " + who + (may ? "" : ": denied"));
    if (may) return check_ready();
    return refusal(fail(condition::denied, "only the users in [agent] operators may " + asked.method + " " + quote(asked.path) +
                                               ", and uid " + std::to_string(asked.who.uid) + " is none of them"),
                   "control.operators");
  }

  answer check_ready() const {
    const auto ready = options.ready ? options.ready() : result<void>{};
    return ready ? answer{} : refusal(ready.error());
  }

  MHD_Result send_stream(MHD_Connection* connection, std::shared_ptr<stream> told) {
    auto reading = std::make_unique<reader>(reader{this, std::move(told)});
    MHD_Response* const response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, &reader::read, reading.get(), &reader::close);
    if (!response) {
      reader::close(reading.release());
      return MHD_NO;
    }
    static_cast<void>(reading.release());  // the response's now
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/x-ndjson");
    const MHD_Result queued = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return queued;
  }

  struct reader {
    state* self;
    std::shared_ptr<stream> told;

    static ssize_t read(void* of, std::uint64_t, char* into, std::size_t size) noexcept try {
      const auto& r = *static_cast<reader*>(of);
      const auto count = r.told->read(into, size, r.self->options.beat);
      if (!count) return MHD_CONTENT_READER_END_WITH_ERROR;
      return *count == 0 ? MHD_CONTENT_READER_END_OF_STREAM : static_cast<ssize_t>(*count);
    } catch (const std::bad_alloc&) {
      return MHD_CONTENT_READER_END_WITH_ERROR;
    }
    static void close(void* of) noexcept {
      const std::unique_ptr<reader> r(static_cast<reader*>(of));
      r->self->under_way.forget(r->told);
    }
  };

  // Called from C, in the connection's own thread: no exception may cross into C, and MHD_NO closes this connection.
  static MHD_Result on_request(void* of, MHD_Connection* connection, const char* path, const char* method, const char*,
                               const char* data, std::size_t* size, void** context) noexcept try {
    auto* const self = static_cast<state*>(of);
    if (!*context) {
      *context = self->begin(connection, path, method).release();
      if (!announces_too_much(connection)) return MHD_YES;
      return send(connection, {413, problem(413, "too large", "a body may have " + std::to_string(max_body) + " octets"), {}});
    }
    auto& x = *static_cast<exchange*>(*context);
    if (*size == 0) return self->finish(connection, x);
    if (x.body.size() + *size > max_body || clock::now() > x.until) return MHD_NO;
    x.body.append(data, *size);
    *size = 0;
    return MHD_YES;
  } catch (const std::exception&) {
    return MHD_NO;
  }

  static void on_completed(void*, MHD_Connection*, void** context, MHD_RequestTerminationCode) noexcept {
    delete static_cast<exchange*>(*context);
    *context = nullptr;
  }

  static void on_connection(void* of, MHD_Connection* connection, void** context, MHD_ConnectionNotificationCode what) noexcept
      try {
    auto& share = static_cast<state*>(of)->share;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) return share.leave(context);
    const auto peer = peer_of(connection);
    if (!peer || !share.enter(peer->uid, context)) shut(connection);
  } catch (const std::bad_alloc&) {
    shut(connection);
  }

  router routes;
  server_options options;
  users_share share;
  operations under_way;
  MHD_Daemon* daemon = nullptr;
  descriptor quiet;  ///< the listener that MHD has given back, which it wants open to its end
};

server::server(std::unique_ptr<state> s) noexcept : state_(std::move(s)) {}
server::server(server&&) noexcept = default;
server& server::operator=(server&&) noexcept = default;
server::~server() = default;

result<server> server::open(int listener, router routes, server_options options) {
  auto s = std::make_unique<state>(std::move(routes), std::move(options));
  // MHD closes its own. Without ITC it would shut the socket down for all who have it.
  descriptor own(::fcntl(listener, F_DUPFD_CLOEXEC, 3));
  if (!own) return system_failure(errno, "cannot serve the control socket");
  s->daemon = MHD_start_daemon(
      MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_ITC, 0, nullptr, nullptr,
      &state::on_request, s.get(), MHD_OPTION_LISTEN_SOCKET, own.get(), MHD_OPTION_CONNECTION_LIMIT, s->options.connections,
      MHD_OPTION_CONNECTION_TIMEOUT, static_cast<unsigned>(s->options.patience.count()), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      bytes_a_connection, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, &state::on_completed, nullptr,
      MHD_OPTION_NOTIFY_CONNECTION, &state::on_connection, s.get(), MHD_OPTION_END);
  if (!s->daemon) {
    return fail(condition::operator_needed, "cannot serve the control socket: no thread or descriptor is left");
  }
  static_cast<void>(own.release());
  return server(std::move(s));
}

bool server::close(std::chrono::milliseconds patience) {
  const auto until = clock::now() + patience;
  // Who comes now waits for our successor.
  if (state_->daemon && !state_->quiet) state_->quiet = descriptor(MHD_quiesce_daemon(state_->daemon));
  if (!state_->under_way.stop(until)) return false;
  state_->end();
  return true;
}

}  // namespace sealring::agent::control
