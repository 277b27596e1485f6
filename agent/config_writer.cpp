#include "agent/config_writer.hpp"

#include "agent/duration.hpp"
#include "agent/file.hpp"
#include "agent/text.hpp"

namespace sealring::agent {
namespace fs = std::filesystem;
namespace {

// Values as TOML writes them.
std::string toml(bool value) { return value ? "true" : "false"; }
std::string toml(unsigned value) { return std::to_string(value); }
std::string toml(std::chrono::seconds value) { return quote(duration_text(value)); }
std::string toml(const std::string& text) { return quote(text); }
std::string toml(const rate_limit& limit) { return quote(to_text(limit)); }
template <class T>
std::string toml(const std::vector<T>& list) {
  std::string out = "[";
  for (const T& one : list) out += (out.size() > 1 ? ", " : "") + toml(one);
  return out + "]";
}
template <choice E>
std::string toml(E value) {
  return quote(to_string(value));
}

// One section being written: keys aligned, comments beside them, and what has its default as a comment only.
class section {
public:
  section(std::string& out, std::string_view header) : out_(out) { (out_ += out_.empty() ? "" : "\n") += header, out_ += '\n'; }

  template <class T>
  void key(std::string_view name, const T& value, std::string_view comment = {}) {
    line("", name, toml(value), comment);
  }
  template <class T>
  void key_unless_default(std::string_view name, const T& value, const T& usual, std::string_view comment = {}) {
    line(value == usual ? "# " : "", name, toml(value), comment);
  }

private:
  void line(std::string_view mark, std::string_view name, std::string value, std::string_view comment) {
    std::string line = std::string(mark) + std::string(name);
    line.resize(std::max<std::size_t>(line.size(), 15), ' ');
    line += "= " + std::move(value);
    if (!comment.empty()) {
      line.resize(std::max<std::size_t>(line.size() + 2, 46), ' ');
      line += "# " + std::string(comment);
    }
    out_ += line + '\n';
  }
  std::string& out_;
};

// Paths below the file's folder are written relative to it, so that the folder can be moved.
std::string shown(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  return relative.empty() || *relative.begin() == ".." || relative == "." ? path.string() : relative.string();
}

std::string shown_store(const std::string& url, const fs::path& folder) {
  static constexpr std::string_view scheme = "sqlite3://";
  return url.starts_with(scheme) ? std::string(scheme) + shown(url.substr(scheme.size()), folder) : url;
}

std::vector<std::string> shown_sockets(std::vector<std::string> sockets, const fs::path& folder) {
  for (auto& socket : sockets) {
    if (!socket.starts_with('@')) socket = shown(socket, folder);
  }
  return sockets;
}

void write(std::string& out, const certificate_entry& c) {
  const certificate_entry usual;
  section s(out, "[[certificate]]");
  s.key("name", c.name, "of live/NAME");
  s.key("domains", c.domains);
  s.key("key", c.key, all_words<key_type>());
  s.key("challenge", c.challenge);
  s.key_unless_default("manual", c.manual, usual.manual, "true: a person meets the challenges");
  s.key_unless_default("profile", c.profile, usual.profile, "one of the CA's");
  s.key_unless_default("preferred-chain", c.preferred_chain, usual.preferred_chain, "its root's name");
  s.key_unless_default("reuse-key", c.reuse_key, usual.reuse_key, "true: the same key at each renewal");
  s.key_unless_default("fallback", c.fallback, usual.fallback, "true: from [fallback] where [ca] does not issue");
  s.key_unless_default("purpose", c.purpose, usual.purpose, "or \"tls-client\"");
  s.key_unless_default("peers", c.peers, usual.peers, "who may sign TLS handshakes with it");
  s.key_unless_default("reload", c.reload, usual.reload, "a command, run after the files have changed");
  s.key_unless_default("reload-timeout", c.reload_timeout, usual.reload_timeout);
  s.key_unless_default("prove", c.prove, usual.prove, "[\"127.0.0.1:443\"]: servers that must then present it");
  s.key_unless_default("rate", c.rate, usual.rate, "signatures a second that each peer may have of its key");
}

void write(std::string& out, const key_entry& k) {
  section s(out, "[[key]]");
  s.key("name", k.name);
  s.key("type", k.type);
  s.key("purpose", k.purpose);
  s.key("peers", k.peers);
  s.key_unless_default("rate", k.rate, key_entry{}.rate);
}

void write(std::string& out, const hsm_section& hsm, const fs::path& folder) {
  const hsm_section usual;
  section s(out, "[hsm]");
  s.key("module", shown(hsm.module, folder), "the vendor's PKCS#11 library");
  s.key("token", hsm.token, "label, or an RFC 7512 URI");
  if (hsm.pin_file) s.key("pin-file", shown(*hsm.pin_file, folder), "mode 0400; a systemd credential if absent");
  s.key_unless_default("init-args", hsm.init_args, usual.init_args, "for modules that want a string at C_Initialize");
  s.key_unless_default("session-copy", hsm.copy, usual.copy, all_words<session_copy>());
  s.key_unless_default("arm-sessions", hsm.arm_sessions, usual.arm_sessions, "C_SignInit ahead of the next request");
  s.key_unless_default("verify", hsm.verify, usual.verify, "TLS signatures; all others are always verified");
  s.key_unless_default("paths", hsm.paths, usual.paths, "all that the module may read and write; empty: no such wall");
  s.key_unless_default("devices", hsm.devices, usual.devices, "what it needs of /dev beside them");
  s.key_unless_default("environment", hsm.environment, usual.environment, "[\"NAME=VALUE\"], for the module's process alone");
  s.key_unless_default("network", hsm.network, usual.network, "true for a network HSM");
}

void write(std::string& out, std::string_view header, const ca_section& ca, const fs::path& folder) {
  const ca_section usual;
  section s(out, header);
  s.key("directory", ca.directory);
  if (ca.ca_file) s.key("ca-file", shown(*ca.ca_file, folder), "trust anchor of the directory's own TLS");
  s.key("contact", ca.contact, "[\"mailto:…\"]");
  s.key("agree-tos", ca.agree_tos, "to the CA's terms of service");
  s.key_unless_default("origins", ca.origins, usual.origins, "further origins of a CA that uses several hosts");
  if (!ca.eab_kid.empty()) s.key("eab-kid", ca.eab_kid, "external account binding");
  if (ca.eab_key_file) s.key("eab-key-file", shown(*ca.eab_key_file, folder));
  s.key_unless_default("eab-algorithm", ca.eab_algorithm, usual.eab_algorithm, all_words<mac_algorithm>());
  s.key_unless_default("rate-limits", ca.rate_limits, usual.rate_limits,
                       "[\"orders 300/3h\"], where sealring does not know them");
}

void write(std::string& out, const agent_section& agent, const agent_section& usual, const fs::path& folder) {
  section s(out, "[agent]");
  s.key_unless_default("listen", shown_sockets(agent.listen, folder), usual.listen,
                       "paths, or abstract (@) for chrooted servers");
  s.key_unless_default("control", shown(agent.control, folder), shown(usual.control, folder));
  s.key_unless_default("audit", shown(agent.audit, folder), shown(usual.audit, folder));
  s.key_unless_default("audit-sync", agent.sync, usual.sync, all_words<audit_sync>());
  s.key_unless_default("operators", agent.operators, usual.operators, "who may approve, revoke, retire, change");
  s.key_unless_default("max-keys", agent.max_keys, usual.max_keys, "live keys a certificate");
  s.key_unless_default("drain", agent.drain, usual.drain, "how long running servers may want a superseded key");
}

}  // namespace

result<void> write_initial(const config& c) {
  const config usual = default_config(c.file);
  const fs::path folder = usual.file.parent_path();
  std::string out =
      "# sealring: certificates whose keys never leave the HSM. Relative paths start at this file's folder.\n"
      "# Further certificates may be in conf.d/*.toml beside it.\n";
  write(out, c.hsm, folder);
  write(out, "[ca]", c.ca, folder);
  if (c.fallback) write(out, "[fallback]", *c.fallback, folder);
  section account(out, "[account]");
  account.key("key", c.account.key, all_words<key_type>());
  account.key_unless_default("rate", c.account.rate, usual.account.rate);
  section state(out, "[state]");
  state.key("store", shown_store(c.state.store, folder));
  state.key("live", shown(c.state.live, folder), "live/NAME/{cert,chain,fullchain,privkey,combined}.pem");
  state.key_unless_default("group", c.state.group, usual.state.group, "who may read privkey.pem, beside root");
  if (c.state.keeper) state.key("keeper", shown(*c.state.keeper, folder), "its own, and nobody else's");
  section http01(out, "[http-01]");
  http01.key("listen", c.http01.listen, "where the CA's port 80 leads");
  if (c.http01.webroot) http01.key("webroot", shown(*c.http01.webroot, folder), "a web server's, instead of a listener");
  if (c.agent != usual.agent) write(out, c.agent, usual.agent, folder);
  if (c.metrics != usual.metrics) section(out, "[metrics]").key("listen", c.metrics.listen);
  for (const auto& entry : c.certificates) write(out, entry);
  for (const auto& entry : c.keys) write(out, entry);
  return write_file(usual.file, out, 0644, if_exists::refuse);
}

fs::path certificate_file(const fs::path& config_file, std::string_view name) {
  return fs::absolute(config_file).parent_path() / "conf.d" / (std::string{name} + ".toml");
}

std::string to_toml(const certificate_entry& entry) {
  std::string out;
  write(out, entry);
  return out;
}

result<void> write_certificate(const fs::path& config_file, const certificate_entry& entry) {
  if (auto good = check(entry); !good) return good;
  const fs::path file = certificate_file(config_file, entry.name);
  if (auto made = make_folders(file.parent_path()); !made) return made;
  return write_file(file, to_toml(entry), 0644, if_exists::refuse);
}

}  // namespace sealring::agent
