#include "agent/manager/keeper_link.hpp"

#include "agent/supervisor/keeper_start.hpp"
#include "agent/supervisor/links.hpp"
#include "agent/text.hpp"
#include "agent/wall_clock.hpp"
#include "sealring/public_key.hpp"

#include <openssl/rand.h>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <mutex>

namespace sealring::agent {

namespace {

using namespace std::chrono_literals;

constexpr auto signature_deadline = 10s;
constexpr auto search_deadline = 60s;       // a token with thousands of objects
constexpr auto generation_deadline = 180s;  // RSA-4096 in a smart card
constexpr auto start_deadline = 120s;       // a module that loads slowly

failure from(const client::refusal& r) { return {r.code, r.text.empty() ? r.code.message() : r.text}; }

wire::key_id to_wire(const std::string& id) {
  wire::key_id out;
  const bytes octets = from_hex(id);
  std::copy_n(octets.begin(), std::min(octets.size(), out.id.size()), out.id.begin());
  return out;
}

/// What a key of this kind signs with towards a CA.
algorithm_id usual_algorithm(const any_public_key& key) {
  return std::visit(
      []<class K>(const K&) {
        if constexpr (std::same_as<K, es256::public_key>) return algorithm_id::es256;
        else if constexpr (std::same_as<K, es384::public_key>) return algorithm_id::es384;
        else if constexpr (std::same_as<K, es512::public_key>) return algorithm_id::es512;
        else if constexpr (std::same_as<K, eddsa::public_key>) return algorithm_id::eddsa;
        else return algorithm_id::rs256;
      },
      key);
}

/// Waits until the keeper is ready; its own words where it cannot start.
result<void> await_ready(child& keeper) {
  std::string said;
  pollfd pipe{keeper.alive(), POLLIN, 0};
  while (true) {
    if (::poll(&pipe, 1, -1) < 0 && errno != EINTR) return system_failure(errno, "cannot wait for the keeper");
    char buffer[4096];
    const auto got = ::read(keeper.alive(), buffer, sizeof buffer);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got > 0) said.append(buffer, static_cast<std::size_t>(got));
    const auto word = said.find_first_of("RE");
    if (word != std::string::npos && said[word] == 'R') return {};
    if (got > 0) continue;
    const auto end = keeper.wait(5s);
    if (word == std::string::npos)
      return fail(condition::peer_fault, "the keeper " + (end ? end->text() : "does not answer") +
                                             " before it had opened the token" +
                                             (end && end->signal == 0 ? "" : "; the module may be at fault"));
    return fail(end && end->operator_needed() ? condition::operator_needed : condition::retry_later, said.substr(word + 1));
  }
}

}  // namespace

struct keeper_link::last_words {
  std::mutex mutex;
  std::string text;
};

client::settings keeper_link::listening_to(const std::shared_ptr<last_words>& words) {
  return {.deadline = signature_deadline, .peers = {}, .on_refusal = [words](std::string_view, const client::refusal& r) {
            const std::lock_guard lock{words->mutex};
            words->text = r.text;
          }};
}

keeper_link::keeper_link(std::optional<child> own, std::shared_ptr<client::connection> keeper,
                         std::shared_ptr<last_words> words, wire::token_facts token, uid_t agent)
    : own_{std::move(own)}, keeper_{std::move(keeper)}, words_{std::move(words)}, token_{std::move(token)}, agent_{agent} {}

result<keeper_link> keeper_link::open(const config& c, bool retry_pin) {
  if (!retry_pin) {
    auto joined = dial(c);
    if (joined || joined.error().code != wire::errc::unreachable) return joined;
  }
  return start(c, retry_pin);
}

result<keeper_link> keeper_link::join(const config& c) {
  auto joined = dial(c);
  if (joined || joined.error().code != wire::errc::unreachable) return joined;
  return fail(condition::retry_later, "the agent has gone: " + joined.error().what);
}

/// A running agent's keeper. wire::errc::unreachable where there is none.
result<keeper_link> keeper_link::dial(const config& c) {
  auto words = std::make_shared<last_words>();
  auto how = listening_to(words);
  how.peers = std::vector<uid_t>{0, ::geteuid()};
  if (const auto keeper = find_user(keeper_user)) how.peers->push_back(keeper->uid);
  const auto addresses = client::address::parse(c.agent.listen);
  if (!addresses) return from(addresses.error());
  const auto first = client::dial(*addresses, how.peers, std::chrono::steady_clock::now() + signature_deadline);
  if (!first) return from(first.error());
  auto keeper = client::connection::to(c.agent.listen, std::move(how));
  if (!keeper) return from(keeper.error());
  return greet({}, *std::move(keeper), std::move(words), client::uid_of_listener(first->get()).value_or(::geteuid()));
}

/// A keeper of our own.
result<keeper_link> keeper_link::start(const config& c, bool retry_pin) {
  auto pair = socket_pair(SOCK_STREAM);
  if (!pair) return pair.error();
  auto plan = plan_keeper(c, find_walls());
  if (!plan) return plan.error();
  if (retry_pin) plan->arguments.emplace_back("--retry-pin");
  auto channel = socket_pair(SOCK_SEQPACKET);
  if (!channel) return channel.error();
  auto own = child::start(*plan, {.link = std::move(pair->second), .links = std::move(channel->second)});
  if (!own) return own.error();
  if (auto ready = await_ready(*own); !ready) return ready.error();
  auto words = std::make_shared<last_words>();
  auto keeper = client::connection::on(pair->first.release(), listening_to(words));
  auto link = greet(*std::move(own), std::move(keeper), std::move(words), ::geteuid());
  if (link) link->links_ = std::move(channel->first);
  return link;
}

result<keeper_link> keeper_link::on(descriptor link) {
  auto words = std::make_shared<last_words>();
  const uid_t agent = client::uid_of_listener(link.get()).value_or(::geteuid());
  auto keeper = client::connection::on(link.release(), listening_to(words));
  return greet({}, std::move(keeper), std::move(words), agent, start_deadline);
}

result<keeper_link> keeper_link::greet(std::optional<child> own, std::shared_ptr<client::connection> keeper,
                                       std::shared_ptr<last_words> words, uid_t agent,
                                       std::optional<std::chrono::milliseconds> patience) {
  auto hello = keeper->hello(patience);
  if (!hello) return from(hello.error());
  if (!hello->rights.manage)
    return fail(condition::denied,
                "the running agent lets only the users in [agent] operators manage keys; run this as one of them");
  return keeper_link{std::move(own), std::move(keeper), std::move(words), std::move(hello->token), agent};
}

keeper_link::~keeper_link() {
  if (!own_) return;
  own_->send(SIGTERM);
  static_cast<void>(own_->wait(5s));  // it signs the log's last checkpoint
}

std::string keeper_link::random_id() {
  fixed_bytes<16> id{};
  if (RAND_bytes(id.data(), static_cast<int>(id.size())) != 1) std::abort();
  return to_hex(id);
}

result<held_key> keeper_link::generate(const std::string& name, const std::string& id) const {
  auto made = keeper_->generate(name, to_wire(id), generation_deadline);
  if (!made) return from(made.error());
  auto key = from_spki(made->spki);
  if (!key) return fail(key.error(), "the public half of key " + made->label);
  auto signer = signer_of(name, *key);
  if (!signer) return signer.error();
  return held_key{name, made->label, made->id, made->type, made->uri, *std::move(signer), std::move(made->spki)};
}

result<void> keeper_link::adopt(const std::string& name, const std::string& id) const {
  if (auto done = keeper_->adopt(name, to_wire(id)); !done) return from(done.error());
  return {};
}

result<void> keeper_link::retire(const std::string& name, const std::string& id) const {
  if (auto done = keeper_->retire(name, to_wire(id), search_deadline); !done) return from(done.error());
  return {};
}

result<std::vector<wire::key_facts>> keeper_link::list() const {
  auto all = keeper_->list(search_deadline);
  if (!all) return from(all.error());
  return *std::move(all);
}

result<std::optional<wire::key_facts>> keeper_link::current(const std::string& name) const {
  auto all = list();
  if (!all) return all.error();
  const auto found = std::ranges::find_if(
      *all, [&](const wire::key_facts& k) { return k.name == name && k.state == wire::key_state::current; });
  if (found == all->end()) return std::optional<wire::key_facts>{};
  if (found->spki.empty())
    return fail(condition::operator_needed, "key " + quote(name) + " is in the token and cannot be used");
  return std::optional{std::move(*found)};
}

result<std::vector<std::string>> keeper_link::anchors() const {
  auto lines = keeper_->anchors(search_deadline);
  if (!lines) return from(lines.error());
  return *std::move(lines);
}

result<wire::statistics_reply> keeper_link::statistics() const {
  auto counted = keeper_->statistics();
  if (!counted) return from(counted.error());
  return *std::move(counted);
}

result<descriptor> keeper_link::link_for(const user& who) const {
  if (!own_) return descriptor{};
  auto pair = socket_pair(SOCK_STREAM);
  if (!pair) return pair.error();
  if (auto sent = send_link(links_.get(), {std::move(pair->first), {::getpid(), who.uid, who.gid}}); !sent) return sent.error();
  return std::move(pair->second);
}

bool keeper_link::answers() const { return keeper_->hello().has_value(); }

result<void> keeper_link::reload() const {
  if (auto done = keeper_->reload(); !done) return from(done.error());
  return {};
}

result<std::optional<held_key>> keeper_link::find(const std::string& name, const std::string& id) const {
  auto all = list();
  if (!all) return all.error();
  const auto found =
      std::ranges::find_if(*all, [&](const wire::key_facts& k) { return k.name == name && k.id == id && !k.spki.empty(); });
  if (found == all->end()) return std::optional<held_key>{};
  auto key = from_spki(found->spki);
  if (!key) return fail(key.error(), "the public half of key " + found->label);
  auto signer = signer_of(name, *key);
  if (!signer) return signer.error();
  return std::optional{held_key{name, found->label, id, found->type, found->uri, *std::move(signer), std::move(found->spki)}};
}

result<key_signer> keeper_link::signer_of(const std::string& name) const {
  auto signer = client::find(keeper_, name);
  if (!signer) return from(signer.error());
  return *std::move(signer);
}

result<key_signer> keeper_link::signer_of(const std::string& name, const any_public_key& key) const {
  auto spki = to_spki(key);
  if (!spki) return fail(spki.error(), "the public half of " + quote(name));
  const auto hashed = hash<sha256>(*spki);
  if (!hashed) return fail(hashed.error(), "hashing a public key");
  client::remote_key remote{
      keeper_, name, {.purpose = {}, .type = {}, .spki = *std::move(spki), .algorithms = {usual_algorithm(key)}}, key, {}};
  std::ranges::copy(hashed->view(), remote.spki_sha256.begin());
  auto signer = client::bind(std::make_shared<const client::remote_key>(std::move(remote)));
  if (!signer) return from(signer.error());
  return *std::move(signer);
}

result<void> keeper_link::approve(const std::string& operation, const std::string& key, std::vector<std::string> parameters,
                                  std::chrono::seconds lasting) const {
  const auto now = wall_clock::now().time_since_epoch();
  auto number = keeper_->approve({operation, key, std::move(parameters), static_cast<std::uint64_t>((now + lasting) / 1s)});
  if (!number) return from(number.error());
  return {};
}

failure keeper_link::explain(failure f) const {
  if (f.code.category() != wire::wire_category()) return f;
  const std::lock_guard lock{words_->mutex};
  return words_->text.empty() ? f : failure{f.code, words_->text};
}

std::string text_of(const wire::token_facts& t) {
  return "'" + t.label + "' (serial " + t.serial + ", slot " + std::to_string(t.slot) + ")";
}

std::string text_of(const wire::custody& c) {
  std::string text;
  for (const auto& [holds, word] : {std::pair{c.sensitive, "sensitive"},
                                    {c.always_sensitive, "always sensitive"},
                                    {c.extractable, "EXTRACTABLE"},
                                    {c.never_extractable, "never extractable"},
                                    {c.local, "local"}})
    if (holds) (text += text.empty() ? "" : ", ") += word;
  return text;
}

}  // namespace sealring::agent
