#include "agent/manager/http01.hpp"

#include "agent/manager/listen_address.hpp"
#include "agent/text.hpp"

#include <map>
#include <mutex>
#include <optional>

#include <microhttpd.h>
#include <unistd.h>

namespace sealring::agent {
namespace {

constexpr std::string_view well_known = "/.well-known/acme-challenge/";

// A CA looks from a handful of places at once; everything beyond that is somebody else.
constexpr unsigned most_connections = 256;
constexpr unsigned seconds_of_patience = 5;
constexpr std::size_t bytes_a_connection = 16 * 1024;

}  // namespace

struct http01_listener::server {
  server() = default;
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server() {
    if (daemon) MHD_stop_daemon(daemon);  // closes the socket, waits for the thread
  }

  std::optional<std::string> find(std::string_view path) {
    if (!path.starts_with(well_known)) return std::nullopt;
    const std::lock_guard lock(mutex);
    const auto found = resources.find(path.substr(well_known.size()));
    if (found == resources.end()) return std::nullopt;
    return found->second;
  }

  // Nothing that was sent is ever in the answer: not the path, not a header.
  MHD_Result answer(MHD_Connection* connection, std::string_view path, std::string_view method) {
    std::optional<std::string> found;
    if (method == MHD_HTTP_METHOD_GET || method == MHD_HTTP_METHOD_HEAD) found = find(path);
    std::string body = found ? *found : std::string("not found\n");
    MHD_Response* response = MHD_create_response_from_buffer(body.size(), body.data(), MHD_RESPMEM_MUST_COPY);
    if (!response) return MHD_NO;
    // RFC 8555 section 8.3: the client "provisions" the key authorization with media type application/octet-stream.
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, found ? "application/octet-stream" : "text/plain");
    const MHD_Result queued = MHD_queue_response(connection, found ? MHD_HTTP_OK : MHD_HTTP_NOT_FOUND, response);
    MHD_destroy_response(response);
    return queued;
  }

  static MHD_Result on_request(void* self, MHD_Connection* connection, const char* path, const char* method, const char*,
                               const char*, std::size_t*, void**) noexcept try {
    return static_cast<server*>(self)->answer(connection, path, method);
  } catch (const std::bad_alloc&) {
    return MHD_NO;  // closes this connection; no exception may cross into C
  }

  std::mutex mutex;
  std::map<std::string, std::string, std::less<>> resources;
  MHD_Daemon* daemon = nullptr;
  std::uint16_t port = 0;
};

http01_listener::http01_listener(std::unique_ptr<server> s) noexcept : server_(std::move(s)) {}
http01_listener::http01_listener(http01_listener&&) noexcept = default;
http01_listener& http01_listener::operator=(http01_listener&&) noexcept = default;
http01_listener::~http01_listener() = default;

result<http01_listener> http01_listener::open(std::string_view listen) {
  const auto socket = listen_on(listen);
  if (!socket) return socket.error();
  auto s = std::make_unique<server>();
  s->port = port_of(*socket);
  s->daemon = MHD_start_daemon(MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, 0, nullptr, nullptr, &server::on_request,
                               s.get(), MHD_OPTION_LISTEN_SOCKET, *socket, MHD_OPTION_CONNECTION_LIMIT, most_connections,
                               MHD_OPTION_CONNECTION_TIMEOUT, seconds_of_patience, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                               bytes_a_connection, MHD_OPTION_END);
  if (!s->daemon) {
    ::close(*socket);
    return fail(condition::operator_needed, "cannot serve http-01 on " + quote(listen) + ": no thread or descriptor is left");
  }
  return http01_listener(std::move(s));
}

void http01_listener::add(std::string token, std::string key_authorization) {
  const std::lock_guard lock(server_->mutex);
  server_->resources.insert_or_assign(std::move(token), std::move(key_authorization));
}

void http01_listener::remove(std::string_view token) {
  const std::lock_guard lock(server_->mutex);
  if (const auto found = server_->resources.find(token); found != server_->resources.end()) server_->resources.erase(found);
}

std::uint16_t http01_listener::port() const noexcept { return server_->port; }

}  // namespace sealring::agent
