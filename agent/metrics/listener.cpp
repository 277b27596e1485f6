#include "agent/metrics/listener.hpp"

#include "agent/manager/listen_address.hpp"
#include "agent/metrics/exposition.hpp"
#include "agent/text.hpp"
#include "agent/wall_clock.hpp"

#include <microhttpd.h>
#include <unistd.h>

namespace sealring::agent {
namespace {

// A handful of scrapers; everything beyond that is somebody else.
constexpr unsigned connections = 32;
constexpr unsigned seconds_of_patience = 5;
constexpr std::size_t bytes_a_connection = 16 * 1024;
constexpr std::chrono::seconds lasts{1};

struct page {
  unsigned status;
  const char* type;
  std::string body;
};

const char* const plain = "text/plain; charset=utf-8";

}  // namespace

struct metrics_listener::server {
  server() = default;
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server() {
    if (daemon) MHD_stop_daemon(daemon);  // closes the socket, waits for the thread
  }

  /// What was known a moment ago, so that nobody keeps us and the keeper busy by asking. On the one thread that there is.
  const snapshot& known() {
    const auto now = std::chrono::steady_clock::now();
    if (!made || now - *made >= lasts) {
      last = make();
      made = std::chrono::steady_clock::now();
    }
    return last;
  }

  page find(std::string_view path, std::string_view method) {
    if (path != "/metrics" && path != "/healthz") return {MHD_HTTP_NOT_FOUND, plain, "not found\n"};
    if (method != MHD_HTTP_METHOD_GET && method != MHD_HTTP_METHOD_HEAD)
      return {MHD_HTTP_METHOD_NOT_ALLOWED, plain, "GET alone\n"};
    if (path == "/metrics") return {MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", exposition_of(known())};
    std::string wrong = troubles_of(known(), wall_clock::now());
    if (wrong.empty()) return {MHD_HTTP_OK, plain, "ok\n"};
    return {MHD_HTTP_SERVICE_UNAVAILABLE, plain, std::move(wrong)};
  }

  // Nothing that was sent is ever in the answer: not the path, not a header.
  MHD_Result answer(MHD_Connection* connection, std::string_view path, std::string_view method) {
    page found = find(path, method);
    MHD_Response* response = MHD_create_response_from_buffer(found.body.size(), found.body.data(), MHD_RESPMEM_MUST_COPY);
    if (!response) return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, found.type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (found.status == MHD_HTTP_METHOD_NOT_ALLOWED) MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    const MHD_Result queued = MHD_queue_response(connection, found.status, response);
    MHD_destroy_response(response);
    return queued;
  }

  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* path, const char* method, const char*,
                               const char*, std::size_t*, void**) noexcept try {
    return static_cast<server*>(self)->answer(connection, path, method);
  } catch (const std::exception&) {
    return MHD_NO;  // closes this connection; no exception may cross into C
  }

  source make;
  std::optional<std::chrono::steady_clock::time_point> made;
  snapshot last;
  MHD_Daemon* daemon = nullptr;
  std::uint16_t port = 0;
};

metrics_listener::metrics_listener(std::unique_ptr<server> s) noexcept : server_(std::move(s)) {}
metrics_listener::metrics_listener(metrics_listener&&) noexcept = default;
metrics_listener& metrics_listener::operator=(metrics_listener&&) noexcept = default;
metrics_listener::~metrics_listener() = default;

result<metrics_listener> metrics_listener::open(std::string_view listen, source make) {
  const auto socket = listen_on(listen);
  if (!socket) return socket.error();
  auto s = std::make_unique<server>();
  s->make = std::move(make);
  s->port = port_of(*socket);
  s->daemon = MHD_start_daemon(MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, 0, nullptr, nullptr, &server::on_request,
                               s.get(), MHD_OPTION_LISTEN_SOCKET, *socket, MHD_OPTION_CONNECTION_LIMIT, connections,
                               MHD_OPTION_CONNECTION_TIMEOUT, seconds_of_patience, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                               bytes_a_connection, MHD_OPTION_END);
  if (!s->daemon) {
    ::close(*socket);
    return fail(condition::operator_needed, "cannot serve metrics on " + quote(listen) + ": no thread or descriptor is left");
  }
  return metrics_listener(std::move(s));
}

std::uint16_t metrics_listener::port() const noexcept { return server_->port; }

}  // namespace sealring::agent
