#include "agent/control/client.hpp"

#include "agent/client/address.hpp"
#include "agent/supervisor/descriptor.hpp"
#include "agent/text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <curl/curl.h>

#include <cerrno>
#include <chrono>

#include <unistd.h>

namespace sealring::agent::control {

namespace {

using clock = std::chrono::steady_clock;

constexpr timeval connect_patience{.tv_sec = 5, .tv_usec = 0};
// A stream is never silent for more than a few seconds, and all else is answered at once.
constexpr auto longest_silence = std::chrono::seconds(30);
// A list of ten thousand certificates has a third of it.
constexpr std::size_t longest_answer = 16 << 20;

result<void> check_peer(int fd, const std::filesystem::path& socket) {
  const std::string where = quote(socket.string());
  const auto uid = sealring::client::uid_of_listener(fd);
  if (!uid) return system_failure(errno, "cannot tell who listens at " + where);
  if (*uid == 0 || *uid == ::geteuid()) return {};
  return fail(condition::denied,
              "uid " + std::to_string(*uid) + " listens at " + where + ", which is neither root nor you: nothing was sent");
}

// Whether somebody listens there, and who.
result<void> knock(const std::filesystem::path& socket) {
  const std::string where = quote(socket.string());
  const auto at = sealring::client::address::parse(socket.string());
  if (!at) return fail(condition::bad_input, "[agent] control: " + at.error().text);
  descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return system_failure(errno, "cannot open a socket");
  // For a full backlog, for which a socket cannot be polled.
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &connect_patience, sizeof connect_patience);
  while (::connect(fd.get(), at->raw(), at->size()) != 0) {
    if (errno == EINTR) continue;
    if (errno == ENOENT || errno == ECONNREFUSED) {
      return fail(condition::retry_later, "no agent runs here: nobody listens at " + where);
    }
    if (errno == EAGAIN) {
      return fail(condition::peer_fault, "the agent at " + where + " accepts no connections; it may be stopped, or overloaded");
    }
    return system_failure(errno,
                          "cannot reach the agent at " + where + " (the socket's owner, group and mode say who may connect)");
  }
  if (auto right = check_peer(fd.get(), socket); !right) return right;
  return {};
}

struct free_list {
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};

}  // namespace

struct client::state {
  std::filesystem::path socket;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy{curl_easy_init(), &curl_easy_cleanup};
  int fd = -1;                   // libcurl's
  std::optional<failure> wrong;  // found in a callback
  progress told;
  std::string received;
  std::optional<json::value> last;  // line of a stream
  clock::time_point heard;
  bool cut_short = false;

  template <class T>
  void set(CURLoption option, T value) noexcept {
    curl_easy_setopt(easy.get(), option, value);
  }

  bool is_stream() const noexcept {
    const char* type = nullptr;
    return curl_easy_getinfo(easy.get(), CURLINFO_CONTENT_TYPE, &type) == CURLE_OK && type &&
           std::string_view(type).starts_with("application/x-ndjson");
  }

  // Whole lines, off what was received.
  void take_lines() {
    std::size_t from = 0;
    for (std::size_t end = 0; (end = received.find('\n', from)) != std::string::npos; from = end + 1) {
      boost::system::error_code error;
      const auto line = json::parse(std::string_view(received).substr(from, end - from), error);
      const json::object* const object = error ? nullptr : line.if_object();
      if (!object) wrong = fail(condition::peer_fault, "the agent sends what is no JSON");
      else if (object->contains("result") || object->contains("error")) last = line;
      else if (const auto* text = object->if_contains("progress"); text && text->is_string() && told)
        told(one_line(text->get_string()));
    }
    received.erase(0, from);
  }

  // Called from C: what they throw ends there. Another size than given ends the transfer.
  static std::size_t take(const char* data, std::size_t one, std::size_t count, void* of) noexcept try {
    auto& s = *static_cast<state*>(of);
    const std::size_t size = one * count;
    if (size > longest_answer - s.received.size()) {
      s.wrong = fail(condition::peer_fault, "the agent's answer is longer than " + std::to_string(longest_answer) + " octets");
      return 0;
    }
    s.heard = clock::now();
    s.received.append(data, size);
    if (s.is_stream()) s.take_lines();
    return s.wrong ? 0 : size;
  } catch (...) {
    return 0;
  }

  static int watch(void* of, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
    return clock::now() - static_cast<state*>(of)->heard > longest_silence;
  }

  static curl_socket_t open(void* of, curlsocktype, curl_sockaddr* where) noexcept {
    auto& s = *static_cast<state*>(of);
    return s.fd = ::socket(where->family, where->socktype | SOCK_CLOEXEC, where->protocol);
  }
  // Connected, and nothing sent yet.
  static int before_sending(void* of, char*, char*, int, int) noexcept try {
    auto& s = *static_cast<state*>(of);
    const auto right = check_peer(s.fd, s.socket);
    if (right) return CURL_PREREQFUNC_OK;
    s.wrong = right.error();
    return CURL_PREREQFUNC_ABORT;
  } catch (...) {
    return CURL_PREREQFUNC_ABORT;
  }

  result<json::value> judge(CURLcode code) {
    if (wrong) return *wrong;
    const bool complete = code == CURLE_OK && (!is_stream() || last);
    cut_short = !complete && code != CURLE_COULDNT_CONNECT;
    if (code == CURLE_ABORTED_BY_CALLBACK) {
      return fail(condition::peer_fault, "the agent has said nothing for " + std::to_string(longest_silence.count()) + " s");
    }
    if (!complete) {
      return fail(condition::retry_later, "the agent ended the connection before it had answered (" +
                                              std::string(curl_easy_strerror(code)) + "); what was begun, it goes on with");
    }
    if (last) {
      const json::object& line = last->get_object();
      if (const auto* const result = line.if_contains("result")) return *result;
      return to_failure(line.at("error"));
    }
    boost::system::error_code error;
    auto value = json::parse(received, error);
    if (error) return fail(condition::peer_fault, "the agent's answer is no JSON: " + error.message());
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (status == 200) return value;
    return to_failure(value);
  }
};

client::client(std::unique_ptr<state> s) noexcept : state_(std::move(s)) {}
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;
client::~client() = default;

result<client> client::connect(const std::filesystem::path& socket) {
  if (auto heard = knock(socket); !heard) return heard.error();
  auto s = std::make_unique<state>();
  if (!s->easy) return fail(condition::retry_later, "no memory for a connection to the agent");
  s->socket = socket;
  s->set(CURLOPT_NOSIGNAL, 1L);
  s->set(CURLOPT_PROXY, "");
  s->set(CURLOPT_PROTOCOLS_STR, "http");
  s->set(CURLOPT_UNIX_SOCKET_PATH, socket.c_str());
  s->set(CURLOPT_PATH_AS_IS, 1L);  // a name may be ".."
  s->set(CURLOPT_OPENSOCKETFUNCTION, &state::open);
  s->set(CURLOPT_OPENSOCKETDATA, s.get());
  s->set(CURLOPT_PREREQFUNCTION, &state::before_sending);
  s->set(CURLOPT_PREREQDATA, s.get());
  s->set(CURLOPT_WRITEFUNCTION, &state::take);
  s->set(CURLOPT_WRITEDATA, s.get());
  s->set(CURLOPT_XFERINFOFUNCTION, &state::watch);
  s->set(CURLOPT_XFERINFODATA, s.get());
  s->set(CURLOPT_NOPROGRESS, 0L);
  // A request that found its connection dead would be sent again, and might be done twice.
  s->set(CURLOPT_FORBID_REUSE, 1L);
  return client(std::move(s));
}

result<json::value> client::call(std::string_view method, const std::string& path, const json::object& body,
                                 const progress& told) {
  state& s = *state_;
  s.wrong.reset();
  s.last.reset();
  s.cut_short = false;
  s.received.clear();
  s.told = told;
  s.heard = clock::now();
  const std::string url = "http://localhost" + path, verb(method), sent = json::serialize(body);
  const std::unique_ptr<curl_slist, free_list> headers(curl_slist_append(nullptr, "Content-Type: application/json"));
  s.set(CURLOPT_URL, url.c_str());
  s.set(CURLOPT_CUSTOMREQUEST, verb.c_str());
  if (method == "GET") {
    s.set(CURLOPT_HTTPGET, 1L);
    s.set(CURLOPT_HTTPHEADER, nullptr);
  } else {
    s.set(CURLOPT_POST, 1L);
    s.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(sent.size()));
    s.set(CURLOPT_COPYPOSTFIELDS, sent.c_str());
    s.set(CURLOPT_HTTPHEADER, headers.get());
  }
  const CURLcode code = curl_easy_perform(s.easy.get());
  auto outcome = s.judge(code);
  s.set(CURLOPT_HTTPHEADER, nullptr);
  s.told = {};
  return outcome;
}

bool client::cut_short() const noexcept { return state_->cut_short; }

std::string place(std::string_view name) {
  const std::unique_ptr<char, decltype(&curl_free)> escaped(
      curl_easy_escape(nullptr, name.data(), static_cast<int>(name.size())), &curl_free);
  return escaped ? escaped.get() : "";
}

}  // namespace sealring::agent::control
