#include "agent/config_text.hpp"
#include "agent/domain.hpp"
#include "agent/duration.hpp"
#include "agent/file.hpp"
#include "agent/toml_section.hpp"

#include <cctype>
#include <map>

namespace sealring::agent {
namespace fs = std::filesystem;
namespace {

// --- What a value may be -----------------------------------------------------------------------------------------------------

result<std::string> not_empty(std::string_view text) {
  if (text.empty()) return fail(condition::bad_input, "this must not be empty");
  return std::string(text);
}

result<std::string> name(std::string_view text) {
  if (auto good = check_name(text); !good) return good.error();
  return std::string(text);
}

// RFC 8555 section 6.1: "Communications between an ACME client and an ACME server are done over HTTPS".
result<std::string> https_url(std::string_view text) {
  if (text.starts_with("https://") && text.size() > 8) return std::string(text);
  return fail(condition::bad_input, quote(text) + " must be a URL that begins with \"https://\"");
}

// RFC 8555 section 7.1.2: contact is an array of URLs. RFC 3986 has no space in them, and no control character.
result<std::string> contact_url(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; })) {
    return fail(condition::bad_input, quote(text) + " is no URL: there is a space in it");
  }
  if (text.find(':') != std::string_view::npos) return std::string(text);
  const std::string url = "mailto:" + std::string(text);
  if (text.find('@') == std::string_view::npos)
    return fail(condition::bad_input, quote(text) + " is no URL; write \"mailto:…\"");
  return fail(condition::bad_input, quote(text) + " is no URL; did you mean " + quote(url) + "?");
}

// Not relative to the file, unlike other paths: what the module may touch is nothing that moves with the configuration.
result<std::string> absolute_path(std::string_view text) {
  const fs::path path = fs::path(text).lexically_normal();
  if (!path.is_absolute()) return fail(condition::bad_input, quote(text) + " must be an absolute path: it begins with \"/\"");
  return path.has_filename() || path == path.root_path() ? path.string() : path.parent_path().string();
}

result<std::string> duration(std::string_view text) {
  if (auto good = parse_duration(text); !good) return good.error();
  return std::string(text);
}

result<std::string> limit(std::string_view text) {
  if (auto good = parse_rate_limit(text); !good) return good.error();
  return std::string(text);
}

// "127.0.0.1:443", "[::1]:443", "www.example.com:443"
result<std::string> host_and_port(std::string_view text) {
  const auto colon = text.rfind(':');
  const auto digits = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  const bool number = !digits.empty() && digits.size() <= 5 &&
                      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (number && colon > 0) return std::string(text);
  return fail(condition::bad_input, quote(text) + " is no server; write \"HOST:PORT\"");
}

// In lower case and without a dot at the end, as names are compared.
result<std::string> zone(std::string_view text) {
  std::string out(text.substr(0, text.size() - (text.ends_with('.') ? 1 : 0)));
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return not_empty(out);
}

// What would change the program that is started, rather than the module that it loads, is for nobody to set.
result<std::string> variable(std::string_view text) {
  const auto name = text.substr(0, text.find('='));
  const bool good =
      !name.empty() && name.size() < text.size() &&
      std::all_of(name.begin(), name.end(), [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)); });
  if (!good) return fail(condition::bad_input, quote(text) + " is no variable; write \"NAME=VALUE\"");
  if (name.starts_with("LD_") || name == "OPENSSL_CONF" || name == "OPENSSL_MODULES") {
    return fail(condition::bad_input, quote(name) + " would change the keeper itself, and is never passed on; leave it out");
  }
  return std::string(text);
}

// A relative path in "sqlite3://PATH" or an audit log belongs to the folder of the file, as every path does.
std::string absolute_store(const fs::path& folder, const std::string& url) {
  static constexpr std::string_view scheme = "sqlite3://";
  if (!url.starts_with(scheme) || url.size() == scheme.size()) return url;
  return std::string(scheme) + (folder / url.substr(scheme.size())).lexically_normal().string();
}

// --- The sections ------------------------------------------------------------------------------------------------------------

void read_duration(toml_section& in, std::string_view key, std::chrono::seconds& out) {
  std::string text = duration_text(out);
  in.allow(key, text, duration);
  if (const auto parsed = parse_duration(text)) out = *parsed;
}

void read(toml_section in, hsm_section& out) {
  in.require("module", out.module);
  in.require("token", out.token, not_empty);
  in.allow("pin-file", out.pin_file);
  in.allow("init-args", out.init_args);
  in.allow("session-copy", out.copy);
  in.allow("arm-sessions", out.arm_sessions);
  in.allow("verify", out.verify);
  in.allow("paths", out.paths, absolute_path);
  in.allow("devices", out.devices, absolute_path);
  in.allow("environment", out.environment, variable);
  in.allow("network", out.network);
  in.finish();
}

void read(toml_section in, agent_section& out) {
  in.allow("listen", out.listen, not_empty);
  in.allow("control", out.control);
  in.allow("audit", out.audit);
  in.allow("audit-sync", out.sync);
  in.allow("operators", out.operators, not_empty);
  in.allow("max-keys", out.max_keys);
  read_duration(in, "drain", out.drain);
  in.finish();
  if (out.max_keys == 0) in.report(fail(condition::bad_input, "\"max-keys\" in [agent] must be 1 or more"));
}

void read(toml_section in, ca_section& out) {
  in.require("directory", out.directory, https_url);
  in.allow("ca-file", out.ca_file);
  in.allow("contact", out.contact, contact_url);
  in.allow("agree-tos", out.agree_tos);
  in.allow("origins", out.origins, https_url);
  in.allow("eab-kid", out.eab_kid);
  in.allow("eab-key-file", out.eab_key_file);
  in.allow("eab-algorithm", out.eab_algorithm);
  std::vector<std::string> limits;
  in.allow("rate-limits", limits, limit);
  in.finish();
  if (out.eab_kid.empty() == out.eab_key_file.has_value()) {
    in.report(fail(condition::bad_input, "[ca] needs both \"eab-kid\" and \"eab-key-file\", or neither"));
  }
  for (const auto& one : limits)
    if (const auto parsed = parse_rate_limit(one)) out.rate_limits.push_back(*parsed);
}

void read(toml_section in, account_section& out) {
  in.allow("key", out.key);
  in.allow("rate", out.rate);
  in.finish();
}

void read(toml_section in, metrics_section& out) {
  in.allow("listen", out.listen);
  in.finish();
}

void read(toml_section in, state_section& out) {
  in.allow("store", out.store, not_empty);
  in.allow("live", out.live);
  in.allow("keeper", out.keeper);
  in.allow("group", out.group, not_empty);
  in.finish();
}

void read(toml_section in, http01_section& out) {
  in.allow("listen", out.listen, not_empty);
  in.allow("webroot", out.webroot);
  in.allow("port", out.port);
  in.allow("look", out.look);
  in.finish();
}

void read(toml_section in, tls_alpn01_section& out) {
  in.allow("listen", out.listen, not_empty);
  in.allow("port", out.port);
  in.allow("look", out.look);
  in.finish();
}

void read(toml_section in, dns01_section& out) {
  in.allow("server", out.server, not_empty);
  in.allow("zone", out.zone, zone);
  in.allow("tsig-name", out.tsig_name, not_empty);
  in.allow("tsig-algorithm", out.tsig);
  in.allow("tsig-key-file", out.tsig_key_file);
  in.allow("ttl", out.ttl);
  in.allow("hook", out.hook);
  read_duration(in, "propagation", out.propagation);
  in.finish();
  if (out.tsig_name.empty() == out.tsig_key_file.has_value())
    in.report(fail(condition::bad_input, "[dns-01] needs both \"tsig-name\" and \"tsig-key-file\", or neither"));
  if (!out.server.empty() && !out.hook.empty())
    in.report(fail(condition::bad_input, "[dns-01] has a \"server\" and a \"hook\"; keep the one that is to make the records"));
}

void read(toml_section in, dns_section& out) {
  in.allow("resolver", out.resolver, not_empty);
  in.finish();
}

void read(toml_section in, watch_section& out) {
  in.allow("crl", out.crl);
  in.allow("ct-logs", out.ct_logs);
  read_duration(in, "interval", out.interval);
  in.finish();
}

void read(toml_section& in, certificate_entry& out) {
  in.require("name", out.name, name);
  in.require("domains", out.domains, parse_domain);
  in.allow("key", out.key);
  in.allow("challenge", out.challenge);
  in.allow("manual", out.manual);
  in.allow("profile", out.profile, not_empty);
  in.allow("preferred-chain", out.preferred_chain, not_empty);
  in.allow("reuse-key", out.reuse_key);
  in.allow("fallback", out.fallback);
  in.allow("purpose", out.purpose);
  in.allow("peers", out.peers, not_empty);
  in.allow("reload", out.reload);
  read_duration(in, "reload-timeout", out.reload_timeout);
  in.allow("prove", out.prove, host_and_port);
  in.allow("rate", out.rate);
  in.finish();
  if (auto good = check(out); !good) in.report(good.error());
}

void read(toml_section& in, key_entry& out) {
  in.require("name", out.name, name);
  in.allow("type", out.type);
  in.allow("purpose", out.purpose);
  in.allow("peers", out.peers, not_empty);
  in.allow("rate", out.rate);
  in.finish();
}

// --- The files ---------------------------------------------------------------------------------------------------------------

class config_reader {
public:
  explicit config_reader(config& out) : out_(out) {}

  std::optional<failure> read_main(std::string_view text) {
    return read_text(out_.file, text, [&](toml_section& root) {
      root.only({"hsm", "agent", "ca", "fallback", "account", "metrics", "state", "http-01", "tls-alpn-01", "dns-01", "dns",
                 "watch", "certificate", "key"});
      read(root.table("hsm"), out_.hsm);
      read(root.table("agent"), out_.agent);
      read(root.table("ca"), out_.ca);
      read(root.table("account"), out_.account);
      read(root.table("metrics"), out_.metrics);
      read(root.table("state"), out_.state);
      read(root.table("http-01"), out_.http01);
      read(root.table("tls-alpn-01"), out_.tls_alpn01);
      read(root.table("dns-01"), out_.dns01);
      read(root.table("dns"), out_.dns);
      read(root.table("watch"), out_.watch);
      if (root.has("fallback")) {
        auto fallback = root.table("fallback");
        read(fallback, out_.fallback.emplace());
        if (out_.fallback->directory == out_.ca.directory)
          fallback.report(fail(condition::bad_input, "\"directory\" must be another than that of [ca]"));
      }
      out_.state.store = absolute_store(out_.file.parent_path(), out_.state.store);
      for (auto& path : out_.agent.listen) {
        if (!path.starts_with('@')) path = (out_.file.parent_path() / path).lexically_normal().string();
      }
    });
  }

  /// A file of conf.d: entries only.
  std::optional<failure> read_more(const config_text& more) {
    return read_text(more.file, more.text, [](toml_section& root) { root.only({"certificate", "key"}); });
  }

private:
  template <class F>
  std::optional<failure> read_text(const fs::path& path, std::string_view text, F sections) {
    toml_file file{path, {}};
    toml::table content;
    // What was compiled into Debian's library throws.
    try {
      content = toml::parse(text);
    } catch (const toml::parse_error& e) {
      file.report(e.source(), one_line(e.description()));
      return file.mistake;
    }
    toml_section root(file, "", &content);
    sections(root);
    root.tables("certificate", [&](toml_section entry) { read_entry(entry, out_.certificates, certificates_); });
    root.tables("key", [&](toml_section entry) { read_entry(entry, out_.keys, keys_); });
    return file.mistake;
  }

  using positions = std::map<std::string, std::string>;

  template <class T>
  static void read_entry(toml_section& in, std::vector<T>& out, positions& seen) {
    T entry;
    read(in, entry);
    const auto [first, is_new] = seen.emplace(entry.name, in.position());
    if (!is_new) {
      in.report(fail(condition::bad_input,
                     "the name " + quote(entry.name) + " is taken already at " + first->second + "; choose another"));
    }
    out.push_back(std::move(entry));
  }

  config& out_;
  positions certificates_;
  positions keys_;
};

result<std::vector<fs::path>> files_of_conf_d(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::directory_iterator entry(folder, error);
  if (error == std::errc::no_such_file_or_directory) return files;
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const auto& path = entry->path();
    if (path.extension() == ".toml" && !path.filename().string().starts_with('.')) files.push_back(path);
  }
  if (error) return system_failure(error.value(), "cannot list " + quote(folder.string()));
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

result<config> parse_config(const config_text& main, std::span<const config_text> more) {
  config c = default_config(main.file);
  config_reader reader(c);
  if (auto mistake = reader.read_main(main.text)) return std::move(*mistake);
  for (const auto& one : more) {
    if (auto mistake = reader.read_more(one)) return std::move(*mistake);
  }
  return c;
}

result<config> load(const fs::path& file) {
  const fs::path path = fs::absolute(file).lexically_normal();
  auto main = read_file(path);
  if (!main) {
    failure why = main.error();
    std::error_code ignored;
    if (!fs::exists(path, ignored)) why.what += "; 'sealring init' writes one, and --config names another";
    return why;
  }
  const auto files = files_of_conf_d(path.parent_path() / "conf.d");
  if (!files) return files.error();
  std::vector<config_text> more;
  for (const auto& each : *files) {
    auto text = read_file(each);
    if (!text) return text.error();
    more.push_back({each, *std::move(text)});
  }
  return parse_config({path, *std::move(main)}, more);
}

}  // namespace sealring::agent
