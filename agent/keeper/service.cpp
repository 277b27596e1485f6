#include "agent/keeper/service.hpp"

#include "agent/file.hpp"
#include "agent/keeper/audit/journal.hpp"
#include "agent/keeper/operator_files.hpp"
#include "agent/keeper/service_call.hpp"
#include "agent/key_name.hpp"

#include <algorithm>
#include <thread>

namespace sealring::agent {

namespace {

wire::status status_of(std::error_code code) {
  if (code == condition::retry_later) return wire::status::unavailable;
  if (code == condition::operator_needed) return wire::status::operator_needed;
  if (code == condition::denied) return wire::status::denied;
  if (code == condition::unsupported) return wire::status::unsupported;
  if (code == condition::bad_input) return wire::status::bad_request;
  return wire::status::failed;
}

std::string_view name_of(wire::operation what) {
  switch (what) {
    case wire::operation::hello: return "hello";
    case wire::operation::describe: return "describe";
    case wire::operation::sign_message: return "sign-message";
    case wire::operation::sign_digest: return "sign-digest";
    case wire::operation::generate: return "generate";
    case wire::operation::adopt: return "adopt";
    case wire::operation::retire: return "retire";
    case wire::operation::list: return "list";
    case wire::operation::approve: return "approve";
    case wire::operation::finish: return "finish";
    case wire::operation::reload: return "reload";
  }
  return "unknown";
}

std::chrono::sys_seconds now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

result<std::shared_ptr<const known_key>> know(token_key key) {
  const auto hashed = hash<sha256>(key.spki());
  if (!hashed) return fail(hashed.error(), "hashing a public key");
  known_key known{std::move(key), {}};
  std::ranges::copy(hashed->view(), known.spki_sha256.begin());
  return std::make_shared<const known_key>(std::move(known));
}

}  // namespace

service::answer service::call::fail(const failure& f) { return fail(status_of(f.code), f.what); }

result<std::unique_ptr<service>> service::open(service_plan plan, keyring keys) {
  if (auto made = make_folders(plan.state, 0700); !made) return made.error();
  auto book = key_book::open(plan.state / "book.json");
  if (!book) return book.error();
  std::unique_ptr<service> made{new service{std::move(plan), std::move(keys), *std::move(book)}};
  if (auto found = made->take_up_keys(); !found) return found.error();
  if (auto begun = made->begin_log(); !begun) return begun.error();
  if (auto renewed = made->renew_rules(); !renewed) return renewed.error();
  return made;
}

/// Keys that the book knows, from the token. What was being made when a keeper died goes.
result<void> service::take_up_keys() {
  const std::vector<kept_key> kept = book_.keys();
  for (const kept_key& one : kept) {
    if (one.state == key_state::making) {
      if (auto gone = keys_.destroy(one.id); !gone) return gone.error();
      if (auto forgotten = book_.forget(one.id); !forgotten) return forgotten;
      plan_.log("destroyed key " + one.label + ", which an interrupted run left half made");
      continue;
    }
    auto key = keys_.find(one.id);
    if (!key) {  // the others still serve
      plan_.log("key " + one.label + " cannot be used: " + key.error().what);
      continue;
    }
    auto known = know(*std::move(key));
    if (!known) return known.error();
    known_[one.id] = *std::move(known);
  }
  return {};
}

/// The audit key is made with the log.
result<void> service::begin_log() {
  const auto kept = std::ranges::find(book_.keys(), audit_key_name, &kept_key::name);
  std::string id = kept != book_.keys().end() ? kept->id : std::string{};
  if (id.empty()) {
    id = to_hex(hsm::token::random_id());
    const std::string label = "sealring-audit-" + id.substr(0, 8);
    if (auto begun = book_.begin({std::string{audit_key_name}, label, id, {}, now()}); !begun) return begun;
    auto key = keys_.generate(key_type::p256, label, id);
    if (!key) return key.error();
    auto known = know(*std::move(key));
    if (!known) return known.error();
    known_[id] = *std::move(known);
    if (auto made = book_.made(id, now()); !made) return made;
    if (auto adopted = book_.adopt(id, now()); !adopted) return adopted;
  }
  const auto found = known_.find(id);
  if (found == known_.end())
    return agent::fail(condition::operator_needed,
                       "the audit log's key is not in the token: it signs the log's checkpoints. Put the "
                       "token back, or move " +
                           quote(plan_.settings.agent.audit.string()) + " and " + quote((plan_.state / "book.json").string()) +
                           " aside to begin anew");
  const auto key = found->second;
  audit::log_options options{.file = plan_.settings.agent.audit,
                             .sync = plan_.settings.agent.sync,
                             .key = key->key.spki(),
                             .sign = [key](bytes_view m) -> result<bytes> {
                               auto signature = key->key.sign(algorithm_id::es256, m, checking::always);
                               if (!signature) return agent::fail(signature.error(), "signing a checkpoint in the token");
                               return *std::move(signature);
                             }};
  options.anchors.emplace_back(audit::journal_anchor());
  options.report = [this](const failure& f) { plan_.log("audit log: " + f.what); };
  auto log = audit::audit_log::open(options);
  for (int tries = 0; !log && log.error().code == condition::retry_later && tries < 100; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds{100});  // another keeper is about to end
    log = audit::audit_log::open(options);
  }
  if (!log) return log.error();
  audit_ = *std::move(log);
  return {};
}

result<void> service::renew_rules() {
  auto made = make_rules(rules_ ? rules_->settings : plan_.settings, plan_.owner, book_, known_);
  if (!made) return made.error();
  const std::lock_guard lock{access_};
  rules_ = *std::move(made);
  return {};
}

result<void> service::reload() {
  const std::lock_guard one_at_a_time{change_};
  auto settings = load_trusted(plan_.settings.file, plan_.owner);
  if (!settings) return settings.error();
  auto made = make_rules(*settings, plan_.owner, book_, known_);
  if (!made) return made.error();
  if (auto told = audit_->append(audit::event{"reload", settings->file.string()}); !told) return told.error();
  const std::lock_guard lock{access_};
  rules_ = *std::move(made);
  return {};
}

std::shared_ptr<const rules> service::current_rules() const {
  const std::lock_guard lock{access_};
  return rules_;
}

void service::handle(const client& from, const wire::request& request, bytes& out) {
  call c{.from = from, .request = request, .known = current_rules(), .is_operator = false, .may_manage = false, .record = {}};
  // The manager is no operator, whoever it runs as: its link's other end may be any program that the Internet has taken over.
  c.is_operator = from.via != channel::manager && c.known->operators.contains(from.process.uid);
  c.may_manage = c.is_operator || from.via != channel::peer || from.process.uid == plan_.manager;
  c.record.who = from.process;
  c.record.key = request.key;
  c.record.operation = name_of(request.what);
  answer a = dispatch(c);
  // No answer before its record: a signature whose record cannot be written is not released.
  if (request.what != wire::operation::hello) {
    if (auto written = audit_->append(c.record); !written) a = {wire::status::unavailable, {}, written.error().what};
  }
  if (a.status == wire::status::ok && wire::append(out, wire::reply{request.what, request.id, a.status, a.body})) return;
  if (a.status == wire::status::ok) a = {wire::status::failed, {}, "the answer does not fit a frame"};
  wire::append_refusal(out, request.what, request.id, a.status, a.text);
}

service::answer service::dispatch(call& c) {
  using wire::operation;
  switch (c.request.what) {
    case operation::hello: return hello(c);
    case operation::describe: return describe(c);
    case operation::sign_message:
    case operation::sign_digest: return sign(c);
    default: break;
  }
  if (!c.may_manage) return c.deny("manager-only", "only the manager and the users in [agent] operators may ask for this");
  switch (c.request.what) {
    case operation::generate: return generate(c);
    case operation::adopt: return adopt(c);
    case operation::retire: return retire(c);
    case operation::list: return list(c);
    case operation::reload: {
      auto read = reload();
      if (!read) return c.fail(read.error());
      c.allow("reload");
      return {};
    }
    default: break;
  }
  if (!c.is_operator) return c.deny("operator-only", "only the users in [agent] operators may approve");
  return c.request.what == operation::approve ? approve(c) : finish(c);
}

service::answer service::hello(call& c) {
  const auto asked = body_of<wire::operation::hello>(c.request);
  if (!asked) return c.fail(wire::status::bad_request, asked.error().message());
  wire::hello_reply reply{.version = wire::version,
                          .max_frame = wire::max_frame,
                          .rights = {.sign = true, .manage = c.may_manage, .approve = c.is_operator},
                          .program = std::string{"sealring "} + version,
                          .token = {}};
  if (c.may_manage) {
    const hsm::token_info& token = keys_.token();
    reply.token = {token.label, token.serial, token.model, token.slot};
  }
  auto body = wire::encode(reply);
  if (!body) return c.fail(wire::status::failed, body.error().message());
  return {wire::status::ok, *std::move(body), {}};
}

}  // namespace sealring::agent
