// sealring.toml: what the operator wants, checked and with every path made absolute.
//
// Beside the file, conf.d/*.toml hold further [[certificate]] and [[key]] entries, read in the order of their names. Whatever
// is wrong in them is told as FILE:LINE:COLUMN, with the nearest known key or value.
#pragma once

#include "agent/choice.hpp"
#include "agent/failure.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealring::agent {

struct hsm_section {
  std::filesystem::path module;                   ///< the vendor's PKCS#11 library; required
  std::string token;                              ///< label, or an RFC 7512 URI; required
  std::optional<std::filesystem::path> pin_file;  ///< absent: a systemd credential
  std::string init_args;                          ///< for modules that want a string at C_Initialize
  session_copy copy = session_copy::automatic;    ///< "session-copy"
  verify_tls verify = verify_tls::sampled;        ///< TLS signatures; account keys and CSRs are always verified
  std::vector<std::string> paths{};               ///< all that the module may read and write; empty: no such wall
  std::vector<std::string> devices{};             ///< what it needs below /dev beside them, where there are walls
  std::vector<std::string> environment{};         ///< "NAME=VALUE", for the module's process alone
  bool network = false;                           ///< a network HSM: its module may open sockets of AF_INET and AF_INET6
  bool operator==(const hsm_section&) const = default;
};

struct agent_section {
  std::vector<std::string> listen;  ///< absolute paths, or "@name" for an abstract socket
  std::filesystem::path control;
  std::filesystem::path audit;
  audit_sync sync = audit_sync::interval;
  std::vector<std::string> operators = {"root"};  ///< who may approve, revoke, retire, change
  unsigned max_keys = 8;                          ///< "max-keys": live keys a certificate
  std::chrono::seconds drain{86400};              ///< how long running servers may still want a superseded key
  bool operator==(const agent_section&) const = default;
};

struct ca_section {
  std::string directory;                         ///< RFC 8555 section 7.1.1; required
  std::optional<std::filesystem::path> ca_file;  ///< trust anchor of the directory's own TLS
  std::vector<std::string> contact;              ///< "mailto:…" URLs, section 7.3
  bool agree_tos = false;                        ///< section 7.3: termsOfServiceAgreed
  std::vector<std::string> origins;              ///< further origins of a CA that uses several hosts
  std::string eab_kid;                           ///< external account binding, section 7.3.4; empty: none
  std::optional<std::filesystem::path> eab_key_file;
  bool operator==(const ca_section&) const = default;
};

struct account_section {
  key_type key = key_type::p256;
  unsigned rate = 0;  ///< as in certificate_entry
  bool operator==(const account_section&) const = default;
};

struct metrics_section {
  std::string listen;  ///< empty: none
  bool operator==(const metrics_section&) const = default;
};

struct state_section {
  std::string store;                              ///< "sqlite3://ABSOLUTE-PATH"
  std::filesystem::path live;                     ///< live/NAME/*.pem for servers
  std::optional<std::filesystem::path> keeper{};  ///< the keeper's own folder; absent: beside `live`
  std::string group{};                            ///< who may read privkey.pem and combined.pem, beside root; empty: nobody
  bool operator==(const state_section&) const = default;
};

struct http01_section {
  std::string listen = "0.0.0.0:80";  ///< http01_listener::open says what it may be
  bool operator==(const http01_section&) const = default;
};

/// One [[certificate]].
struct certificate_entry {
  std::string name;  ///< of live/NAME; also what the command line calls it
  std::vector<std::string> domains{};
  key_type key = key_type::p256;
  std::string challenge = "http-01";  ///< as the IANA registry of ACME validation methods names it
  key_purpose purpose = key_purpose::tls_server;
  std::vector<std::string> peers{};   ///< who may sign TLS handshakes with it
  std::vector<std::string> reload{};  ///< a command and its arguments, run after files have changed
  unsigned rate = 0;                  ///< signatures a second that each peer may have of the key; 0: no limit
  bool operator==(const certificate_entry&) const = default;
};

/// One [[key]]: a key without ACME, for what only the operator can judge.
struct key_entry {
  std::string name;
  key_type type = key_type::p256;
  key_purpose purpose = key_purpose::raw;
  std::vector<std::string> peers{};
  unsigned rate = 0;
  bool operator==(const key_entry&) const = default;
};

struct config {
  std::filesystem::path file;  ///< where it was read; absolute
  hsm_section hsm;
  agent_section agent;
  ca_section ca;
  account_section account;
  metrics_section metrics;
  state_section state;
  http01_section http01;
  std::vector<certificate_entry> certificates;
  std::vector<key_entry> keys;
  bool operator==(const config&) const = default;

  [[nodiscard]] const certificate_entry* find_certificate(std::string_view name) const noexcept;
};

/// What a key has that the file does not name, for a configuration in this file.
[[nodiscard]] config default_config(const std::filesystem::path& file);

/// Reads the file and conf.d beside it. condition::bad_input for what is written wrongly, operator_needed if it cannot be read.
[[nodiscard]] result<config> load(const std::filesystem::path& file);

/// What `load` checks in a [[certificate]], for one that comes from the command line. The failure names no file.
[[nodiscard]] result<void> check(const certificate_entry&);

/// A challenge type that this version can answer.
[[nodiscard]] result<void> check_challenge(std::string_view type);

/// What --key and --account-key take. The failure lists the types there are.
[[nodiscard]] result<key_type> parse_key_type(std::string_view);

}  // namespace sealring::agent
