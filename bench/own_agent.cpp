#include "bench/own_agent.hpp"

#include "agent/file.hpp"
#include "agent/key_name.hpp"
#include "agent/text.hpp"
#include "bench/measures.hpp"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
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
  std::string name = (std::filesystem::temp_directory_path() / "sealring-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return agent::system_failure(errno, "making a folder for an agent");
  made->folder_ = name;
  // The agent's users, where it has them, pass through; nothing in it is secret.
  if (::chmod(name.c_str(), 0711) != 0) return agent::system_failure(errno, name);
  made->address_ = "@" + made->folder_.filename().string();
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
  return agent::write_file(folder_ / "sealring.toml", text, 0644);
}

result<void> own_agent::launch() {
  const std::string file = (folder_ / "sealring.toml").string();
  const std::string log = (folder_ / "log").string();
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (out < 0) return agent::system_failure(errno, log);
  const char* const words[] = {"sealring", "--config", file.c_str(), "agent", nullptr};
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1);
    ::setpgid(0, 0);  // an interrupt at the terminal is ours to pass on
    ::dup2(out, STDOUT_FILENO);
    ::dup2(out, STDERR_FILENO);
    ::execv("/proc/self/exe", const_cast<char* const*>(words));
    ::_exit(1);
  }
  ::close(out);
  if (process_ < 0) return agent::system_failure(errno, "starting an agent");
  auto link = connect();
  if (!link) return link.error();
  link_ = *std::move(link);
  for (const auto patience = clock::now() + std::chrono::seconds{60}; !link_->hello(std::chrono::milliseconds{500});) {
    const bool gone = ::waitpid(process_, nullptr, WNOHANG) != 0;
    if (gone) process_ = -1;
    if (gone || clock::now() > patience)
      return fail(condition::unsupported, "an agent for the measurement does not start: " + last_words());
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  for (const pid_t child : children_of(process_)) {
    std::string command;
    std::getline(std::ifstream{"/proc/" + std::to_string(child) + "/cmdline"}, command);
    if (command.find("keeper") != std::string::npos) keeper_ = child;
  }
  if (keeper_ < 0) return fail(condition::unsupported, "the keeper of the agent that was started is not to be seen in /proc");
  return {};
}

std::string own_agent::last_words() const {
  std::string last;
  std::ifstream in{folder_ / "log"};
  for (std::string line; std::getline(in, line);) last = line;
  return agent::one_line(last);
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
  if (process_ > 0) {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
  }
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
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
