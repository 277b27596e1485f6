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
    case wire::operation::anchors: return "anchors";
    case wire::operation::statistics: return "statistics";
    case wire::operation::reload: return "reload";
  }
  return "unknown";
}

result<std::shared_ptr<const known_key>> know(token_key key) {
  const auto hashed = hash<sha256>(key.spki());
  if (!hashed) return fail(hashed.error(), "hashing a public key");
  known_key known{std::move(key), {}};
  std::ranges::copy(hashed->view(), known.spki_sha256.begin());
  return std::make_shared<const known_key>(std::move(known));
}

}  // namespace

service::service(service_plan plan, keyring keys, key_book book)
    : plan_{std::move(plan)}, keys_{std::move(keys)}, statistics_{wall_clock::now()}, book_{std::move(book)} {}

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
  const std::vector<kept_key> before = book_.keys();
  for (const kept_key& one : before) {
    if (one.state != key_state::making) continue;
    if (auto gone = keys_.destroy(one.id); !gone) return gone.error();
    if (auto forgotten = book_.forget(one.id); !forgotten) return forgotten;
    plan_.log("destroyed key " + one.label + ", which an interrupted run left half made");
  }
  std::vector<std::string> ids;
  for (const kept_key& one : book_.keys()) ids.push_back(one.id);
  auto keys = keys_.find(ids);
  if (!keys && is_outage(keys.error().code)) return agent::fail(condition::retry_later, outage_text(keys.error().code));
  if (!keys) return keys.error();
  for (std::size_t i = 0; i != ids.size(); ++i) {
    auto& key = (*keys)[i];
    if (!key) {  // the others still serve
      plan_.log("key " + book_.keys()[i].label + " cannot be used: " + key.error().what);
      continue;
    }
    auto known = know(*std::move(key));
    if (!known) return known.error();
    known_[ids[i]] = *std::move(known);
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
    if (auto begun = book_.begin({std::string{audit_key_name}, label, id, {}, wall_clock::now()}); !begun) return begun;
    auto key = keys_.generate(key_type::p256, label, id);
    if (!key) return key.error();
    auto known = know(*std::move(key));
    if (!known) return known.error();
    known_[id] = *std::move(known);
    if (auto made = book_.made(id, wall_clock::now()); !made) return made;
    if (auto adopted = book_.adopt(id, wall_clock::now()); !adopted) return adopted;
  }
  const auto found = known_.find(id);
  if (found == known_.end())
    return agent::fail(condition::operator_needed,
                       "the audit log's key is not in the token: it signs the log's checkpoints. Put the "
                       "token back, or move " +
                           quote(plan_.settings->agent.audit.string()) + " and " + quote((plan_.state / "book.json").string()) +
                           " aside to begin anew");
  const auto key = audit_key_ = found->second;
  if (auto signs = try_token(); !signs) {
    const bool down = is_outage(signs.error());
    return agent::fail(down ? condition::retry_later : condition::operator_needed,
                       down ? outage_text(signs.error()) : "the token does not sign: " + signs.error().message());
  }
  audit::log_options options{.file = plan_.settings->agent.audit,
                             .sync = plan_.settings->agent.sync,
                             .key = key->key.spki(),
                             .sign = [key](bytes_view m) -> result<bytes> {
                               auto signature = key->key.sign(algorithm_id::es256, m, checking::always);
                               if (!signature) return agent::fail(signature.error(), "signing a checkpoint in the token");
                               return *std::move(signature);
                             }};
  const std::string name = key->key.label();  // a log that is begun anew keeps its key, and so its anchor
  anchor_.emplace([this, name] { return keys_.notes(name); },
                  [this, name](std::string_view line) { return keys_.put_note(name, line); });
  auto anchored = this->anchored();
  if (!anchored) return anchored.error();
  options.anchored = *std::move(anchored);
  options.anchors.push_back(told_once(audit::journal_anchor()));
  options.anchors.push_back([this](std::string_view line) { return anchor_->keep(line); });
  options.report = [this](const failure& f) { plan_.log("audit log: " + f.what); };
  auto log = audit::audit_log::open(options);
  for (int tries = 0; !log && log.error().code == condition::retry_later && tries < 100; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds{100});  // another keeper is about to end
    log = audit::audit_log::open(options);
  }
  if (!log) return show_anchor(log.error(), options.anchored);
  audit_ = *std::move(log);
  return {};
}

/// A person who is to judge a log that is not what the token knows of needs the token's word; without a keeper nobody else can
/// ask for it.
failure service::show_anchor(failure why, const std::string& anchored) const {
  if (anchored.empty() || why.code != condition::operator_needed) return why;
  const auto file = plan_.state / "anchor";
  if (auto put = write_file(file, anchored + '\n', 0600))
    why.what += "; the anchor is in " + quote(file.string()) + ", for 'sealring audit verify --anchor'";
  return why;
}

/// The token's newest checkpoint. That a token keeps none is for the operator to know, and no reason to stop.
result<std::string> service::anchored() const {
  auto lines = anchor_->read();
  if (!lines) {
    if (is_outage(lines.error().code)) return lines.error();
    plan_.log("audit log: the token shows no anchor: " + lines.error().what);
    return std::string{};
  }
  return lines->empty() ? std::string{} : std::move(lines->front());
}

result<void> service::close() {
  auto closed = audit_->close();
  auto flushed = anchor_->flush();
  return closed ? flushed : closed;
}

/// With the one key that no request reaches.
sealring::result<void> service::try_token() const {
  const auto signature = audit_key_->key.sign(algorithm_id::es256, as_bytes("sealring: does it sign?"), checking::always);
  if (!signature) return signature.error();
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
  auto read = load_trusted(plan_.settings->file, plan_.owner);
  if (!read) return read.error();
  const auto settings = std::make_shared<const config>(*std::move(read));
  auto made = make_rules(settings, plan_.owner, book_, known_);
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

void service::handle(const caller& from, const arrival& a, bytes& out) {
  const wire::request& request = a.request;
  call c{.from = from,
         .request = request,
         .read_at = a.read_at,
         .known = current_rules(),
         .is_operator = false,
         .may_manage = false,
         .record = {}};
  // The manager is no operator, whoever it runs as: its link's other end may be any program that the Internet has taken over.
  c.is_operator = from.via != channel::manager && c.known->operators.contains(from.process.uid);
  c.may_manage = c.is_operator || from.via != channel::peer || from.process.uid == plan_.manager;
  c.record.who = from.process;
  c.record.key = request.key;
  c.record.operation = name_of(request.what);
  answer reply = dispatch(c);
  // No answer before its record: a signature whose record cannot be written is not released. Who asks every few seconds how
  // things are, and may, needs none.
  const bool unrecorded = request.what == wire::operation::hello ||
                          (request.what == wire::operation::statistics && reply.status == wire::status::ok);
  if (!unrecorded) {
    if (auto written = audit_->append(c.record); !written) reply = {wire::status::unavailable, {}, written.error().what};
  }
  count(c, reply);
  if (reply.status == wire::status::ok && wire::append(out, wire::reply{request.what, request.id, reply.status, reply.body}))
    return;
  if (reply.status == wire::status::ok) reply = {wire::status::failed, {}, "the answer does not fit a frame"};
  wire::append_refusal(out, request.what, request.id, reply.status, reply.text);
}

void service::count(const call& c, const answer& reply) {
  if (c.request.what != wire::operation::sign_message && c.request.what != wire::operation::sign_digest) return;
  using outcome = agent::statistics::outcome;
  const bool denied = c.record.verdict == audit::decision::denied;
  statistics_.count(c.known->named(c.request.key).empty() ? std::string_view{} : c.request.key, reply.status == wire::status::ok
                                                                                                    ? outcome::done
                                                                                                : denied ? outcome::denied
                                                                                                         : outcome::failed);
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
    case operation::anchors: return anchors(c);
    case operation::statistics: return statistics(c);
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

service::answer service::anchors(call& c) {
  const auto asked = body_of<wire::operation::anchors>(c.request);
  if (!asked) return c.fail(wire::status::bad_request, asked.error().message());
  auto lines = anchor_->read();
  if (!lines) return c.fail(lines.error());
  auto body = wire::encode(wire::checkpoints{*std::move(lines)});
  if (!body) return c.fail(wire::status::failed, body.error().message());
  c.allow("anchors");
  return {wire::status::ok, *std::move(body), {}};
}

service::answer service::statistics(call& c) {
  const auto asked = body_of<wire::operation::statistics>(c.request);
  if (!asked) return c.fail(wire::status::bad_request, asked.error().message());
  wire::statistics_reply reply = statistics_.read();
  const audit::log_numbers log = audit_->numbers();
  reply.has_log = true;
  reply.audit = {log.records, log.unsynced, log.uncovered, static_cast<std::uint64_t>(log.checkpoint_age.count()), log.size};
  auto body = wire::encode(wire::page(std::move(reply), asked->offset));
  if (!body) return c.fail(wire::status::failed, body.error().message());
  c.allow("statistics");
  return {wire::status::ok, *std::move(body), {}};
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
