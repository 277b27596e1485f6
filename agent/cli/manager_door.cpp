#include "agent/cli/manager_door.hpp"

#include "agent/cli/by_manager.hpp"
#include "agent/control/api.hpp"
#include "agent/control/client.hpp"
#include "agent/manager/deploy/supervisor_link.hpp"

#include <atomic>
#include <condition_variable>
#include <future>
#include <thread>

namespace sealring::agent::cli {

namespace {

std::string query_of(const boost::json::object& members) {
  std::string out;
  for (const auto& member : members)
    out += (out.empty() ? '?' : '&') + std::string{member.key()} + '=' +
           control::place(std::string_view{member.value().as_string()});
  return out;
}

/// A manager of our own, in this process.
class own_manager {
public:
  own_manager(workspace w, const global_options& global, output& out)
      : work_{std::move(w)},
        out_{out},
        root_{root_of(global)},
        world_{{.keeper = [this] { return keys(); },
                .operators = operators_of(work_.settings.file, root_),
                .log = [&out](std::string_view line) { out.progress(line); },
                .ask_person = [&out](const challenge_task& task,
                                     const std::string& what) { out.warn(task.certificate + ": " + what); }}},
        certificates_{world_},
        desk_{world_, certificates_} {}

  result<void> open() {
    if (auto taken = world_.take(std::make_shared<const config>(work_.settings)); !taken) return taken;
    return certificates_.load(world_.settings(), work_.state);
  }

  /// As an agent does when it starts.
  void go_on() {
    if (auto done = desk_.go_on(); !done) out_.warn("what an interrupted run began is not done yet: " + done.error().what);
  }

  control::router routes() {
    return control::make_router({.reload = [this]() -> result<void> {
                                   auto read = desk_.reload(work_.settings.file, keys_ != nullptr);
                                   if (!read) return read.error();
                                   work_.settings = **read;
                                   return {};
                                 },
                                 .work = &desk_,
                                 .settings = [this] { return world_.settings(); },
                                 .keeper = [this] { return keys(); }});
  }

  const config& settings() const noexcept { return work_.settings; }

  /// Opened when it is first needed: many operations look at the store alone.
  result<std::shared_ptr<const keeper_link>> keys() {
    const std::lock_guard lock{mutex_};
    if (keys_) return keys_;
    if (refused_) return *refused_;  // a second keeper would say the same
    std::packaged_task<result<keeper_link>()> opening{[this] { return work_.open_keys(out_); }};
    auto opened = opening.get_future();
    starter_ = std::jthread{[opening = std::move(opening)](const std::stop_token& end) mutable {
      opening();
      std::mutex nobodys;
      std::unique_lock waiting{nobodys};
      std::condition_variable_any{}.wait(waiting, end, [] { return false; });
    }};
    auto link = opened.get();
    if (!link) return refused_.emplace(link.error());
    keys_ = std::make_shared<const keeper_link>(*std::move(link));
    return keys_;
  }

private:
  /// Where root's process has started us, it runs the operator's commands.
  struct way_to_root {
    std::shared_ptr<supervisor_link> link;
    std::unique_ptr<channel_reader> reading;
  };
  static way_to_root root_of(const global_options& global) {
    if (!global.as_manager || global.as_manager->links < 0) return {};
    way_to_root out{std::make_shared<supervisor_link>(global.as_manager->links), {}};
    out.reading = std::make_unique<channel_reader>(global.as_manager->links, *out.link);
    return out;
  }
  static std::shared_ptr<const commands> operators_of(const std::filesystem::path& file, const way_to_root& root) {
    if (root.link) return root.link;
    return std::make_shared<own_commands>(servant_plan{operators_files(file)});
  }

  workspace work_;
  output& out_;
  way_to_root root_;
  std::mutex mutex_;
  /// Lives as long as the keeper that it starts: PR_SET_PDEATHSIG tells a child of the end of a thread, not of a process, and
  /// of those that work here any may come first, and end first.
  std::jthread starter_;
  std::shared_ptr<const keeper_link> keys_;
  std::optional<failure> refused_;
  acme_world world_;
  renewal certificates_;
  desk desk_;
};

}  // namespace

struct manager_door::inside {
  output& out;
  config settings;
  std::unique_ptr<own_manager> own;  ///< nothing: the agent's
  control::router routes{};
  std::atomic<bool> cut_short = false;

  control::progress progress() {
    return [this](std::string_view line) {
      static constexpr std::string_view request = "request: ";
      if (line.starts_with(request)) out.trace(line.substr(request.size()));
      else out.progress(line);
    };
  }
};

manager_door::manager_door(std::unique_ptr<inside> in) : inside_{std::move(in)} {}
manager_door::manager_door(manager_door&&) noexcept = default;
manager_door::~manager_door() = default;

result<manager_door> manager_door::open(const global_options& global, output& out, purpose why) {
  auto settings = load(global.config);
  if (!settings) return settings.error();
  auto in = std::make_unique<inside>(out, *std::move(settings), nullptr);
  if (!global.as_manager) {
    const auto agent = control::client::connect(in->settings.agent.control);
    if (agent) return manager_door{std::move(in)};
    if (agent.error().code != condition::retry_later) return agent.error();
  }
  auto w = why == purpose::to_look ? workspace::open(global) : workspace::open_locked(in->settings, global, out);
  if (!w) return w.error();
  if (why == purpose::to_change && !w->lock) {  // an agent has come up meanwhile
    const auto agent = control::client::connect(in->settings.agent.control);
    if (!agent) return agent.error();
    return manager_door{std::move(in)};
  }
  in->own = std::make_unique<own_manager>(*std::move(w), global, out);
  if (auto opened = in->own->open(); !opened) return opened.error();
  if (why == purpose::to_change) in->own->go_on();
  in->routes = in->own->routes();
  return manager_door{std::move(in)};
}

const config& manager_door::settings() const noexcept { return inside_->own ? inside_->own->settings() : inside_->settings; }

result<std::shared_ptr<const keeper_link>> manager_door::keys() {
  if (inside_->own) return inside_->own->keys();
  auto joined = keeper_link::join(inside_->settings);
  if (!joined) return joined.error();
  return std::make_shared<const keeper_link>(*std::move(joined));
}

result<boost::json::value> manager_door::call(std::string_view method, const std::string& path,
                                              const boost::json::object& body) {
  const bool looks = method == "GET";  // with GET the members are the query's
  if (!inside_->own) {
    auto agent = control::client::connect(inside_->settings.agent.control);
    if (!agent) return agent.error();
    auto answer =
        agent->call(method, looks ? path + query_of(body) : path, looks ? boost::json::object{} : body, inside_->progress());
    inside_->cut_short = agent->cut_short();
    return answer;
  }
  control::request asked{.method = std::string{method}, .path = path};
  (looks ? asked.query : asked.body) = body;
  const auto found = inside_->routes.find(asked);
  if (!found) return fail(condition::bad_input, "there is no operation " + asked.method + ' ' + path);
  if (auto taken = control::check_taken(**found, asked); !taken) return taken.error();
  auto answer = std::visit(
      [&](const auto& handler) -> control::answer {
        if constexpr (std::is_invocable_v<decltype(handler), const control::request&>) return handler(asked);
        else return handler(asked, inside_->progress());
      },
      (*found)->handler);
  if (!answer) return answer.error().why;
  return *std::move(answer);
}

bool manager_door::cut_short() const noexcept { return inside_->cut_short; }

bool needs_errand(const global_options& global) {
  if (!has_walls(global)) return false;
  const auto settings = load(global.config);
  return !settings || !control::client::connect(settings->agent.control);
}

std::string certificate_path(std::string_view name, std::string_view then) {
  return "/v1/certificates/" + control::place(name) + std::string{then};
}

}  // namespace sealring::agent::cli
