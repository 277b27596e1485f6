#include "bench/own_agent.hpp"

#include "agent/file.hpp"
#include "agent/key_name.hpp"
#include "agent/text.hpp"
#include "bench/measures.hpp"

#include <openssl/rand.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace sealring::bench {
namespace {

failure from(const client::refusal& r, const std::string& doing) { return {r.code, doing + ": " + r.text}; }

std::string entry(const kind& k) {
  const std::string word{k.word};
  const std::string peers = "peers = [\"" + std::to_string(::getuid()) + "\"]\n";
  // Keys of TLS servers sign what TLS servers do, and are judged on each message, as in an agent at work. TLS 1.3 takes no
  // PKCS#1 v1.5, and so keys for that are raw.
  if (k.algorithm == algorithm_id::rs256)
    return "[[key]]\nname = \"" + word + "\"\ntype = \"" + std::string{k.key} + "\"\npurpose = \"raw\"\n" + peers;
  return "[[certificate]]\nname = \"" + word + "\"\nkey = \"" + std::string{k.key} + "\"\ndomains = [\"" + word +
         ".bench.test\"]\n" + peers;
}

}  // namespace

result<std::shared_ptr<own_agent>> own_agent::start(bench_token& token, std::span<const std::string> words,
                                                    agent::audit_sync sync) {
  std::shared_ptr<own_agent> made{new own_agent{token}};
  auto folder = temporary_folder::make();
  if (!folder) return folder.error();
  made->folder_ = *std::move(folder);
  made->address_ = "@" + made->folder_->path().filename().string();
  if (auto written = made->write_configuration(words, sync); !written) return written.error();
  if (auto begun = made->launch(); !begun) return begun.error();
  return made;
}

result<void> own_agent::write_configuration(std::span<const std::string> words, agent::audit_sync sync) const {
  const auto& hsm = token_.section();
  std::string text = "[hsm]\nmodule = " + agent::quote(hsm.module.string()) + "\ntoken = " + agent::quote(hsm.token) +
                     "\nsession-copy = " + agent::quote(agent::to_string(hsm.copy)) + "\n";
  if (hsm.pin_file) text += "pin-file = " + agent::quote(hsm.pin_file->string()) + "\n";
  if (!hsm.init_args.empty()) text += "init-args = " + agent::quote(hsm.init_args) + "\n";
  text += "[agent]\nlisten = [" + agent::quote(address_) + "]\naudit-sync = " + agent::quote(agent::to_string(sync)) +
          "\n[ca]\ndirectory = \"https://127.0.0.1:1/none\"\n";
  for (const auto& word : words)
    if (const kind* k = find_kind(word); k != nullptr && k->key != "p521") text += entry(*k);
  return agent::write_file(folder_->path() / "sealring.toml", text, 0644);
}

result<void> own_agent::launch() {
  const auto log = folder_->path() / "log";
  const std::string words[] = {"/proc/self/exe", "--config", (folder_->path() / "sealring.toml").string(), "agent"};
  auto started = child::start(words, log);
  if (!started) return started.error();
  process_ = *std::move(started);
  auto link = connect();
  if (!link) return link.error();
  link_ = *std::move(link);
  for (const auto patience = clock::now() + std::chrono::seconds{60}; !link_->hello(std::chrono::milliseconds{500});) {
    if (process_->gone() || clock::now() > patience)
      return fail(condition::unsupported, "an agent for the measurement does not start: " + last_line(log));
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  for (const pid_t role : children_of(process_->id())) {
    std::string command;
    std::getline(std::ifstream{"/proc/" + std::to_string(role) + "/cmdline"}, command);
    if (command.find("keeper") != std::string::npos) keeper_ = role;
  }
  if (keeper_ < 0) return fail(condition::unsupported, "the keeper of the agent that was started is not to be seen in /proc");
  return {};
}

result<std::shared_ptr<client::connection>> own_agent::connect() const {
  auto link = client::connection::to(std::span{&address_, 1}, {.deadline = std::chrono::seconds{60}});
  if (!link) return from(link.error(), address_);
  return *std::move(link);
}

result<std::shared_ptr<const client::remote_key>> own_agent::key(const kind& k) {
  const std::string word{k.word};
  if (const auto known = keys_.find(word); known != keys_.end()) return known->second;
  wire::key_id id;
  if (RAND_bytes(id.id.data(), static_cast<int>(id.id.size())) != 1) return fail(condition::retry_later, "no random numbers");
  token_.adopt("agent's " + word, bytes(id.id.begin(), id.id.end()));
  if (auto made = link_->generate(word, id); !made) return from(made.error(), "the agent's " + word + " key");
  if (auto adopted = link_->adopt(word, id); !adopted) return from(adopted.error(), "the agent's " + word + " key");
  auto found = client::remote_key::find(link_, word);
  if (!found) return from(found.error(), "the agent's " + word + " key");
  return keys_[word] = *std::move(found);
}

own_agent::~own_agent() {
  // Its audit log has a key in the token, too, and leaves its last checkpoint there.
  if (link_)
    if (const auto all = link_->list())
      for (const auto& key : *all)
        if (key.name == agent::audit_key_name) {
          token_.adopt("agent's audit", agent::from_hex(key.id));
          token_.adopt_note(key.label);
        }
}

result<std::shared_ptr<own_agent>> agent_of(bed& b, const kind& k) {
  if (k.key == "p521") return fail(condition::unsupported, "an agent makes no p521 keys");
  if (!b.token.existing().empty())
    return fail(condition::unsupported, "an agent for the measurement has keys of its own, and --key names another");
  if (!b.agent) {
    auto started = own_agent::start(b.token, b.kinds, b.audit);
    if (!started) return started.error();
    b.agent = *std::move(started);
  }
  return b.agent;
}

}  // namespace sealring::bench
