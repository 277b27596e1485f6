#include "bench/own_agent.hpp"

#include "agent/file.hpp"
#include "agent/key_name.hpp"
#include "agent/text.hpp"
#include "bench/measures.hpp"
#include "hsm/pin_mark.hpp"

#include <openssl/rand.h>
#include <unistd.h>
#include <boost/json/parse.hpp>

#include <fstream>
#include <thread>

namespace sealring::bench {
namespace {

failure from(const client::refusal& r, const std::string& doing) { return {r.code, doing + ": " + r.text}; }

std::string entry(const kind& k) {
  const std::string name = "name = " + agent::quote(own_agent::name_of(k)) + '\n';
  const std::string peers = "peers = [\"" + std::to_string(::getuid()) + "\"]\n";
  // Keys of TLS servers sign what TLS servers do, and are judged on each message, as in an agent at work. TLS 1.3 takes no
  // PKCS#1 v1.5, and so keys for that are raw.
  if (k.algorithm == algorithm_id::rs256)
    return "[[key]]\n" + name + "type = \"" + std::string{k.key} + "\"\npurpose = \"raw\"\n" + peers;
  return "[[certificate]]\n" + name + "key = \"" + std::string{k.key} + "\"\ndomains = [\"" + std::string{k.word} +
         ".bench.test\"]\n" + peers;
}

std::string quoted_list(const std::vector<std::string>& all) {
  std::string out;
  for (const auto& one : all) out += (out.empty() ? "" : ", ") + agent::quote(one);
  return '[' + out + ']';
}

}  // namespace

result<std::shared_ptr<own_agent>> own_agent::start(const bed& b) {
  std::shared_ptr<own_agent> made{new own_agent{b.token, hsm::pin_mark::file_of(b.state, b.token.info().identity())}};
  auto folder = temporary_folder::make();
  if (!folder) return folder.error();
  made->folder_ = *std::move(folder);
  made->address_ = "@" + made->folder_->path().filename().string();
  if (auto written = made->write_configuration(b.kinds, b.audit); !written) return written.error();
  if (auto told = made->hand_over_tries(); !told) return told.error();
  if (auto begun = made->launch(); !begun) return begun.error();
  return made;
}

result<void> own_agent::write_configuration(std::span<const std::string> words, agent::audit_sync sync) const {
  const auto& hsm = token_.section();
  const auto in_folder = [this](const char* name) { return (folder_->path() / name).string(); };
  std::string text = "[hsm]\nmodule = " + agent::quote(hsm.module.string()) + "\ntoken = " + agent::quote(hsm.token) +
                     "\nsession-copy = " + agent::quote(agent::to_string(hsm.copy)) +
                     "\narm-sessions = " + (hsm.arm_sessions ? "true" : "false") +
                     "\nverify = " + agent::quote(agent::to_string(hsm.verify)) + "\npaths = " + quoted_list(hsm.paths) +
                     "\ndevices = " + quoted_list(hsm.devices) + "\nenvironment = " + quoted_list(hsm.environment) +
                     "\nnetwork = " + (hsm.network ? "true" : "false") + '\n';
  if (hsm.pin_file) text += "pin-file = " + agent::quote(hsm.pin_file->string()) + "\n";
  if (!hsm.init_args.empty()) text += "init-args = " + agent::quote(hsm.init_args) + "\n";
  // Manager and keeper may have users of their own, and so folders.
  text += "[agent]\nlisten = [" + agent::quote(address_) + "]\naudit-sync = " + agent::quote(agent::to_string(sync)) +
          "\naudit = " + agent::quote(in_folder("keeper/audit.log")) +
          "\n[state]\nstore = " + agent::quote("sqlite3://" + in_folder("manager/state.db")) +
          "\nlive = " + agent::quote(in_folder("manager/live")) + "\nkeeper = " + agent::quote(in_folder("keeper")) +
          "\n[ca]\ndirectory = \"https://127.0.0.1:1/none\"\n";
  for (const auto& word : words)
    if (const kind* k = find_kind(word); k != nullptr && k->key != "p521") text += entry(*k);
  return agent::write_file(folder_->path() / "sealring.toml", text, 0644);
}

/// A copy that the keeper can read whoever it is: its folder lets in nobody else.
result<void> own_agent::hand_over_tries() {
  const auto keepers = folder_->path() / "keeper";
  if (auto made = agent::make_folders(keepers, 0700); !made) return made;
  std::error_code unseen;
  if (!std::filesystem::exists(tries_, unseen) && !unseen) return {};  // a token that wants no login
  auto said = agent::read_file(tries_);
  if (!said) return said.error();
  handed_over_ = *std::move(said);
  return agent::write_file(keepers / tries_.filename(), handed_over_, 0644);
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
  adopt_all();  // now, for whoever interrupts us twice
  if (look_for_keeper() < 0)
    return fail(condition::unsupported, "the keeper of the agent that was started is not to be seen in /proc");
  return {};
}

pid_t own_agent::look_for_keeper() {
  pid_t found = -1;
  for (const pid_t role : children_of(process_->id())) {
    std::string command;
    std::getline(std::ifstream{"/proc/" + std::to_string(role) + "/cmdline"}, command);
    if (command.find("keeper") != std::string::npos) keeper_ = found = role;
  }
  return found;
}

result<std::shared_ptr<client::connection>> own_agent::connect() const {
  auto link = client::connection::to(std::span{&address_, 1}, {.deadline = std::chrono::seconds{60}});
  if (!link) return from(link.error(), address_);
  return *std::move(link);
}

result<std::shared_ptr<const client::remote_key>> own_agent::key(const kind& k) {
  const std::string name = name_of(k);
  if (const auto known = keys_.find(name); known != keys_.end()) return known->second;
  wire::key_id id;
  if (RAND_bytes(id.id.data(), static_cast<int>(id.id.size())) != 1) return fail(condition::retry_later, "no random numbers");
  const std::string doing = "the agent's key " + name;
  token_.adopt(name + '-' + agent::to_hex(bytes_view{id.id}.first(4)), bytes(id.id.begin(), id.id.end()));
  if (auto made = link_->generate(name, id); !made) return from(made.error(), doing);
  if (auto adopted = link_->adopt(name, id); !adopted) return from(adopted.error(), doing);
  auto found = client::remote_key::find(link_, name);
  if (!found) return from(found.error(), doing);
  return keys_[name] = *std::move(found);
}

/// What its keeper has in the token, from the keeper's book: written before each key is made. Its audit log has a key, too, and
/// a data object of the same label.
void own_agent::adopt_all() const {
  const auto book = folder_->path() / "keeper" / "book.json";
  std::error_code unseen;
  if (!std::filesystem::exists(book, unseen) && !unseen) return;
  try {
    const boost::json::value content = boost::json::parse(agent::read_file(book).value());
    for (const auto& one : content.as_object().at("keys").as_array()) {
      const auto text = [&one](const char* member) { return std::string{one.as_object().at(member).as_string()}; };
      token_.adopt(text("label"), agent::from_hex(text("id")));
      if (text("name") == agent::audit_key_name) token_.adopt_note(text("label"));
    }
  } catch (const std::exception& e) {
    token_.give_up(std::string{"a key and a data object labelled sealring-audit-... (what the agent made cannot be read: "} +
                   agent::one_line(e.what()) + ')');
  }
}

/// Whatever began a try of its own meanwhile has the last word.
void own_agent::bring_back_tries() const {
  const auto now = agent::read_file(folder_->path() / "keeper" / tries_.filename());
  if (!now || *now == handed_over_) return;
  const auto lock = agent::file_lock::take(tries_.string() + ".lock", std::chrono::seconds{5});
  const auto here = agent::read_file(tries_);
  if (lock && (here ? *here == handed_over_ : handed_over_.empty())) static_cast<void>(agent::write_file(tries_, *now, 0600));
}

own_agent::~own_agent() {
  link_.reset();
  process_.reset();  // its log leaves a last checkpoint in the token
  if (!folder_) return;
  adopt_all();
  bring_back_tries();
}

result<std::shared_ptr<own_agent>> agent_of(bed& b, const kind& k) {
  if (k.key == "p521") return fail(condition::unsupported, "an agent makes no p521 keys");
  if (!b.token.existing().empty())
    return fail(condition::unsupported, "an agent for the measurement has keys of its own, and --key names another");
  if (b.token.asks_a_person())
    return fail(condition::unsupported, "an agent for the measurement wants the PIN from a file: --pin-file");
  if (b.no_agent) return *b.no_agent;
  if (!b.agent) {
    auto started = own_agent::start(b);
    if (!started) return *(b.no_agent = started.error());
    b.agent = *std::move(started);
  }
  return b.agent;
}

}  // namespace sealring::bench
