#include "agent/provider/context.hpp"

#include "agent/client/address.hpp"

#include <openssl/params.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <optional>

#include <pwd.h>
#include <unistd.h>

namespace sealring::provider {

const OSSL_ITEM reason_strings[] = {
    {static_cast<unsigned>(reason::agent_unreachable), const_cast<char*>("agent not reachable")},
    {static_cast<unsigned>(reason::agent_refused), const_cast<char*>("agent refused")},
    {static_cast<unsigned>(reason::malformed_reference), const_cast<char*>("malformed key reference")},
    {static_cast<unsigned>(reason::unsupported), const_cast<char*>("unsupported")},
    {static_cast<unsigned>(reason::bad_configuration), const_cast<char*>("bad configuration")},
    {static_cast<unsigned>(reason::internal), const_cast<char*>("internal error")},
    {0, nullptr},
};

namespace {

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    auto part = list.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return parts;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "uid 33 (www-data)". From the file alone: a directory service might take its time, in the middle of a server's loop.
std::string ourselves() {
  const uid_t uid = ::geteuid();
  std::string text = "uid " + std::to_string(uid);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> users{std::fopen("/etc/passwd", "re"), &std::fclose};
  passwd room{};
  passwd* one = nullptr;
  char buffer[1024];
  while (users && ::fgetpwent_r(users.get(), &room, buffer, sizeof buffer, &one) == 0)
    if (one->pw_uid == uid) return text + " (" + one->pw_name + ")";
  return text;
}

}  // namespace

std::unique_ptr<context> context::make(const OSSL_CORE_HANDLE* core, const OSSL_DISPATCH* from_core) {
  std::unique_ptr<context> made{new context};
  made->core_ = core;
  for (const OSSL_DISPATCH* one = from_core; one->function_id != 0; ++one) {
    switch (one->function_id) {
      case OSSL_FUNC_CORE_GET_PARAMS: made->get_params_ = OSSL_FUNC_core_get_params(one); break;
      case OSSL_FUNC_CORE_NEW_ERROR: made->new_error_ = OSSL_FUNC_core_new_error(one); break;
      case OSSL_FUNC_CORE_SET_ERROR_DEBUG: made->set_error_debug_ = OSSL_FUNC_core_set_error_debug(one); break;
      case OSSL_FUNC_CORE_VSET_ERROR: made->vset_error_ = OSSL_FUNC_core_vset_error(one); break;
      default: break;
    }
  }
  if (made->get_params_ == nullptr || made->new_error_ == nullptr || made->vset_error_ == nullptr) return nullptr;
  made->library_ = OSSL_LIB_CTX_new_from_dispatch(core, from_core);
  if (made->library_ == nullptr) return nullptr;
  made->configure();
  return made;
}

context::~context() {
  for (agent_link* link = links_; link != nullptr;) delete std::exchange(link, link->next);
  if (OSSL_PROVIDER* const software = default_; software != nullptr) OSSL_PROVIDER_unload(software);
  OSSL_LIB_CTX_free(library_);
}

void context::configure() {
  char *sockets = nullptr, *agent = nullptr, *deadline = nullptr;
  OSSL_PARAM asked[] = {OSSL_PARAM_construct_utf8_ptr("sealring-sockets", &sockets, 0),
                        OSSL_PARAM_construct_utf8_ptr("sealring-uid", &agent, 0),
                        OSSL_PARAM_construct_utf8_ptr("sealring-deadline-ms", &deadline, 0), OSSL_PARAM_END};
  if (get_params_(core_, asked) != 1) return;
  if (sockets != nullptr) {
    settings_.sockets = split(sockets);
    if (auto good = client::address::parse(settings_.sockets); !good)
      settings_.fault = "sealring-sockets: " + good.error().text;
  }
  if (agent != nullptr) {
    const auto uid = number<uid_t>(agent);
    if (uid) settings_.agent = *uid;
    else settings_.fault = "sealring-uid must be a user's number";
  }
  if (deadline != nullptr) {
    const auto limit = number<unsigned>(deadline);
    if (limit && *limit >= 10 && *limit <= 60'000) settings_.deadline = std::chrono::milliseconds{*limit};
    else settings_.fault = "sealring-deadline-ms must be a number of milliseconds, 10 to 60000";
  }
}

OSSL_LIB_CTX* context::library() const noexcept {
  if (default_.load(std::memory_order_acquire) != nullptr) return library_;
  OSSL_PROVIDER* const loaded = OSSL_PROVIDER_load(library_, "default");
  if (loaded == nullptr) return nullptr;
  OSSL_PROVIDER* none = nullptr;
  if (!default_.compare_exchange_strong(none, loaded)) OSSL_PROVIDER_unload(loaded);  // another thread was faster
  return library_;
}

agent_link* context::link_to(const std::vector<std::string>& sockets, uid_t agent) const {
  for (agent_link* link = links_.load(std::memory_order_acquire); link != nullptr; link = link->next)
    if (link->is_to(sockets, agent)) return link;
  auto made = agent_link::make(sockets, agent, settings_.deadline);
  if (!made) return nullptr;
  agent_link* const link = made.release();
  link->next = links_.load(std::memory_order_relaxed);
  while (!links_.compare_exchange_weak(link->next, link, std::memory_order_release, std::memory_order_relaxed)) {
  }
  return link;
}

namespace {

__attribute__((format(printf, 4, 5))) void put_error(OSSL_FUNC_core_vset_error_fn* put, const OSSL_CORE_HANDLE* core,
                                                     reason why, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  put(core, static_cast<std::uint32_t>(why), format, arguments);
  va_end(arguments);
}

}  // namespace

int context::raise(reason why, const char* text, std::source_location at) const noexcept {
  new_error_(core_);
  if (set_error_debug_ != nullptr) {
    const char* const slash = std::strrchr(at.file_name(), '/');  // where it was compiled is nobody's business
    set_error_debug_(core_, slash == nullptr ? at.file_name() : slash + 1, static_cast<int>(at.line()), "");
  }
  put_error(vset_error_, core_, why, "%s", text);
  return 0;
}

int context::raise(const client::refusal& r, const std::string& key, const agent_link& agent) const {
  using wire::errc;
  if (r.code == errc::unreachable || r.code == errc::no_access || r.code == errc::wrong_peer || r.code == errc::timed_out ||
      r.code == errc::closed)
    return raise(reason::agent_unreachable,
                 "key " + key + ": " + r.text + (r.text.find(agent.text()) == r.text.npos ? ", agent at " + agent.text() : ""));
  std::string text = "agent at " + agent.text() + " refused: key " + key;
  // To a stranger all keys are the same, so the agent cannot say it: whoever reads this log may know who we are.
  const auto begins = [&](std::string_view rule) { return r.text.starts_with(rule); };
  if (r.code == errc::denied && (begins("unauthorised:") || begins("tls.peer:") || begins("raw.peer:")))
    text += " is not allowed for " + ourselves() + "; add it to peers in sealring.toml";
  else text += ": " + r.text;
  return raise(reason::agent_refused, text);
}

}  // namespace sealring::provider
