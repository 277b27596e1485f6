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
  bool arm_sessions = true;                       ///< "arm-sessions": C_SignInit ahead of the next request
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

/// How much of something a CA allows within a time: "orders 300/3h".
struct rate_limit {
  limited what;
  unsigned count;
  std::chrono::seconds period;
  bool operator==(const rate_limit&) const = default;
};

struct ca_section {
  std::string directory;                         ///< RFC 8555 section 7.1.1; required
  std::optional<std::filesystem::path> ca_file;  ///< trust anchor of the directory's own TLS
  std::vector<std::string> contact;              ///< "mailto:…" URLs, section 7.3
  bool agree_tos = false;                        ///< section 7.3: termsOfServiceAgreed
  std::vector<std::string> origins;              ///< further origins of a CA that uses several hosts
  std::string eab_kid;                           ///< external account binding, section 7.3.4; empty: none
  std::optional<std::filesystem::path> eab_key_file;
  mac_algorithm eab_algorithm = mac_algorithm::hs256;
  std::vector<rate_limit> rate_limits{};  ///< that the CA sets; empty: those that sealring knows of this CA
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
  std::string listen = ":80";                    ///< http01_listener::open says what it may be
  std::optional<std::filesystem::path> webroot;  ///< files below it instead of a listener of our own
  unsigned port = 80;  ///< where the CA looks (RFC 8555 section 8.3), and so do we before; another in a test bed
  bool look = true;    ///< whether what our own look finds wrong stops us; false: it is logged, and the CA is asked
  bool operator==(const http01_section&) const = default;
};

struct tls_alpn01_section {
  std::string listen = ":443";
  unsigned port = 443;  ///< as in http01_section
  bool look = true;     ///< as in http01_section
  bool operator==(const tls_alpn01_section&) const = default;
};

/// How records are put into DNS: by an update (RFC 2136), or by a command of the operator's.
struct dns01_section {
  std::string server;                                  ///< "ADDRESS[:PORT]" of the primary; empty: no updates
  std::string zone;                                    ///< in lower case; empty: found by its SOA, and a hook follows no CNAME
  std::string tsig_name;                               ///< RFC 8945; empty: not signed
  tsig_algorithm tsig = tsig_algorithm::sha256;        ///< "tsig-algorithm"
  std::optional<std::filesystem::path> tsig_key_file;  ///< the secret, in base64
  unsigned ttl = 60;                                   ///< seconds
  std::vector<std::string> hook;                       ///< a command and its arguments; "present" or "clean-up", the record's
                                                       ///< name and its value are added
  std::chrono::seconds propagation{120};               ///< how long all authoritative servers may take to show a record
  bool operator==(const dns01_section&) const = default;
};

/// Where we look names up.
struct dns_section {
  std::string resolver;  ///< "ADDRESS[:PORT]"; empty: the system's
  bool operator==(const dns_section&) const = default;
};

/// What is looked after in certificates that are in use.
struct watch_section {
  bool crl = true;                               ///< whether the CA has revoked them
  std::optional<std::filesystem::path> ct_logs;  ///< a list of CT logs (JSON, version 3); absent: SCTs are not verified
  std::chrono::seconds interval{6 * 3600};
  bool operator==(const watch_section&) const = default;
};

/// One [[certificate]].
struct certificate_entry {
  std::string name;  ///< of live/NAME; also what the command line calls it
  std::vector<std::string> domains{};
  key_type key = key_type::p256;
  challenge_type challenge = challenge_type::http01;
  bool manual = false;            ///< a person meets the challenges: we say what to make, and wait for it
  std::string profile{};          ///< one of the CA's (draft-ietf-acme-profiles); empty: its choice
  std::string preferred_chain{};  ///< its root's common name, or SHA-256 of its SubjectPublicKeyInfo; empty: the CA's first
  bool reuse_key = false;         ///< the same key at each renewal
  bool fallback = false;          ///< from [fallback] where [ca] does not issue
  key_purpose purpose = key_purpose::tls_server;
  std::vector<std::string> peers{};   ///< who may sign TLS handshakes with it
  std::vector<std::string> reload{};  ///< a command and its arguments, run after files have changed
  std::chrono::seconds reload_timeout{30};
  std::vector<std::string> prove{};  ///< "HOST:PORT" of servers that must then present the new certificate
  unsigned rate = 0;                 ///< signatures a second that each peer may have of the key; 0: no limit
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
  std::optional<ca_section> fallback;  ///< a second CA
  http01_section http01;
  tls_alpn01_section tls_alpn01;
  dns01_section dns01;
  dns_section dns;
  watch_section watch;
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

/// "orders 300/3h"
[[nodiscard]] result<rate_limit> parse_rate_limit(std::string_view);
[[nodiscard]] std::string to_text(const rate_limit&);

/// The CA with this directory; [ca] for any that is not [fallback]'s.
[[nodiscard]] const ca_section& ca_of(const config&, std::string_view directory) noexcept;

/// What --key and --account-key take. The failure lists the types there are.
[[nodiscard]] result<key_type> parse_key_type(std::string_view);

}  // namespace sealring::agent
