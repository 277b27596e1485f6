// What the command line can be asked for. One struct a verb; the verb's own file beside this one does it.
#pragma once

#include "agent/cli/output.hpp"
#include "agent/config.hpp"
#include "agent/doctor/probe.hpp"
#include "agent/keeper/audit/show.hpp"
#include "agent/supervisor/descriptors.hpp"
#include "bench/plan.hpp"

#include <variant>

namespace sealring::agent::cli {

struct global_options {
  std::filesystem::path config = "/etc/sealring/sealring.toml";
  bool json = false;
  bool verbose = false;
  bool quiet = false;
  std::vector<std::string> arguments{};            ///< all of them, as they were typed
  std::optional<keeper_descriptors> as_manager{};  ///< for a command of root's that has walls to stay behind: by_manager.hpp
};

struct init_options {
  config wish;            ///< what the file is to say; from the options given
  bool any_wish = false;  ///< whether any such option was given
  bool retry_pin = false;
};

/// init --openssl-conf.
struct init_openssl_options {};

/// init --server.
struct init_server_options {
  std::string server;
  std::string name;  ///< empty: the only one there is
};

struct issue_options {
  std::vector<std::string> domains;
  std::string name;
  std::optional<key_type> key;
  bool force = false;
  std::size_t jobs = 8;
};

struct renew_options {
  std::vector<std::string> names;  ///< empty: all that are configured
  bool force = false;
};

struct authorize_options {
  std::string name;
};

struct revoke_options {
  std::string name;  ///< empty: all
  bool all = false;
  std::string reason;
  bool by_certificate_key = false;
  bool replace = false;
};

struct status_options {};

struct list_options {};

struct show_options {
  std::string name;
};

struct key_list_options {};

struct key_generate_options {
  std::string name;
  bool force = false;
};

struct key_reference_options {
  std::string name;
};

/// Of which account: at [ca], unless a directory is named.
struct account_show_options {
  std::string directory;
};
struct account_update_options {
  std::string directory;
};
struct account_rollover_options {
  std::string directory;
  bool plan = false;  ///< only say what it would break
  bool yes = false;
};
struct account_deactivate_options {
  std::string directory;
  bool yes = false;
};

struct audit_verify_options {
  std::string log;     ///< empty: the configuration's
  std::string key;     ///< file with the audit key; empty: the log's own
  std::string anchor;  ///< file with checkpoint lines
};

struct audit_show_options {
  std::string log;  ///< empty: the configuration's
  audit::filter wanted;
};

struct audit_anchor_options {};

struct doctor_options {
  std::string server;        ///< a server_kind's name, or a user; empty: whoever is a peer
  std::string name;          ///< empty: all certificates
  std::string openssl_conf;  ///< empty: the environment's, or the one beside the configuration
  std::string chroot;
};

/// The process that doctor starts to be a server; not for people to type.
using probe_options = doctor::server_role;

/// The manager's own process; not for people to type.
struct manager_options {
  std::string descriptors;
};

/// The agent in the foreground.
struct agent_options {};

struct bench_options {
  sealring::bench::plan plan;
  hsm_section hsm;                 ///< module: empty, the configuration's; the rest: what to change of that
  std::string key;                 ///< label of a key to measure; empty: keys are made
  audit_sync sync{};               ///< of the agent that is measured
  std::filesystem::path json{};    ///< where the report goes, in this form; empty: nowhere
  std::filesystem::path csv{};     ///< likewise
  std::filesystem::path report{};  ///< likewise, as HTML
};

struct bench_compare_options {
  std::filesystem::path before;
  std::filesystem::path after;
  double tolerance = 0.05;
};

using command =
    std::variant<init_options, init_openssl_options, init_server_options, doctor_options, probe_options, issue_options,
                 renew_options, authorize_options, revoke_options, status_options, list_options, show_options, key_list_options,
                 key_generate_options, key_reference_options, account_show_options, account_update_options,
                 account_rollover_options, account_deactivate_options, audit_verify_options, audit_show_options,
                 audit_anchor_options, agent_options, manager_options, bench_options, bench_compare_options>;

/// What a verb ends with when it does not fail.
enum class outcome : int { done = 0, failed_in_part = 1, nothing_to_do = 3 };

struct invocation {
  global_options global;
  command verb;
};

/// Reads the arguments. --help and --version print and exit 0; a usage error prints what was wrong and what to type, and
/// exits 2.
[[nodiscard]] invocation parse_command_line(int argc, char** argv);

[[nodiscard]] result<outcome> run(const init_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const init_openssl_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const init_server_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const doctor_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const probe_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const issue_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const renew_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const authorize_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const revoke_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const status_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const list_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const show_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const key_list_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const key_generate_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const key_reference_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const account_show_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const account_update_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const account_rollover_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const account_deactivate_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const agent_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const manager_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const audit_verify_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const audit_show_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const audit_anchor_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const bench_options&, const global_options&, output&);
[[nodiscard]] result<outcome> run(const bench_compare_options&, const global_options&, output&);

}  // namespace sealring::agent::cli
