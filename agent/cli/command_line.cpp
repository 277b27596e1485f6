#include "agent/cli/command_line.hpp"

#include "agent/cli/servers.hpp"
#include "agent/text.hpp"
#include "bench/words.hpp"
#include "sealring/config.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <iostream>
#include <sstream>

namespace sealring::agent::cli {

namespace {

/// An option whose value is one of a few words, kept as the enumeration.
template <class Target>
void add_key_type(CLI::App& app, const std::string& name, Target& target, const std::string& help) {
  const auto keep = [&target](const std::string& word) {
    const key_type type = *parse<key_type>(word);  // which the validator has accepted
    target = type;
  };
  app.add_option_function<std::string>(name, keep, help)
      ->type_name("TYPE")
      ->check(CLI::Validator{[](const std::string& word) {
                               return parse<key_type>(word)
                                          ? std::string{}
                                          : "unknown key type " + quote(word) + "; choose from " + all_words<key_type>();
                             },
                             "one of " + all_words<key_type>()});
}

CLI::Validator starts_with(const std::string& scheme) {
  return {[scheme](const std::string& url) { return url.starts_with(scheme) ? "" : quote(url) + " must begin with " + scheme; },
          ""};
}

void add_init(CLI::App& app, init_options& o) {
  auto& c = o.wish;
  const auto path = [](auto& target) {
    return [&target](const std::string& text) {
      std::error_code bad;
      auto full = std::filesystem::absolute(text, bad);
      if (bad || text.empty())
        throw CLI::ValidationError(text.empty() ? "a path must not be empty" : text + ": " + bad.message());
      target = std::move(full);
    };
  };
  app.add_option_function<std::string>("--module", path(c.hsm.module), "the vendor's PKCS#11 library")->type_name("FILE");
  app.add_option("--token", c.hsm.token, "the token's label, serial=NUMBER, or a PKCS#11 URI (RFC 7512)")->type_name("TOKEN");
  app.add_option_function<std::string>("--pin-file", path(c.hsm.pin_file), "file with the PIN, mode 0400")->type_name("FILE");
  app.add_option("--init-args", c.hsm.init_args, "string that the module wants at C_Initialize")->type_name("TEXT");
  app.add_option("--directory", c.ca.directory, "the CA's ACME directory URL")
      ->type_name("URL")
      ->check(starts_with("https://"));
  app.add_option_function<std::string>("--ca-file", path(c.ca.ca_file), "trust anchors for the directory's own TLS, PEM")
      ->type_name("FILE");
  app.add_option("--contact", c.ca.contact, "mailto:ADDRESS for the CA; may be repeated")
      ->type_name("URL")
      ->allow_extra_args(false)
      ->check(starts_with("mailto:"));
  app.add_flag("--agree-tos", c.ca.agree_tos, "agree to the CA's terms of service");
  auto* const kid = app.add_option("--eab-kid", c.ca.eab_kid, "key identifier for external account binding");
  auto* const mac =
      app.add_option_function<std::string>("--eab-key-file", path(c.ca.eab_key_file), "file with its MAC key, base64url");
  kid->type_name("ID")->needs(mac);
  mac->type_name("FILE")->needs(kid);
  add_key_type(app, "--account-key", c.account.key, "key type of the account");
  app.add_option("--http-01", c.http01.listen, "where to listen for the CA's http-01 validation")->type_name("ADDRESS:PORT");
  app.add_flag("--retry-pin", o.retry_pin, "try a PIN again that the token has refused before");
}

std::string server_names() {
  std::string all;
  for (const server_kind& one : server_kinds()) (all += all.empty() ? "" : ", ") += one.name;
  return all;
}

/// What init prints instead of doing anything.
struct init_prints {
  bool openssl_conf = false;
  init_server_options server;
};

void add_init_prints(CLI::App& app, init_prints& o) {
  auto* const conf = app.add_flag("--openssl-conf", o.openssl_conf, "print an openssl.cnf for servers, and do nothing else");
  auto* const server = app.add_option("--server", o.server.server,
                                      "print what this server's configuration needs, and do nothing else: " + server_names());
  server->type_name("SERVER")->excludes(conf)->check(CLI::Validator{
      [](const std::string& word) {
        return find_server(word) ? std::string{} : "unknown server " + quote(word) + "; choose from " + server_names();
      },
      ""});
  app.add_option("--name", o.server.name, "the certificate that it is to serve")->type_name("NAME")->needs(server);
}

void add_doctor(CLI::App& app, doctor_options& o) {
  app.add_option("--server", o.server, server_names() + ", or the user that a server runs as; all users in peers if absent")
      ->type_name("SERVER");
  app.add_option("--name", o.name, "the certificate; all if absent")->type_name("NAME");
  app.add_option("--openssl-conf", o.openssl_conf,
                 "the server's openssl.cnf; $OPENSSL_CONF if absent, or openssl.cnf beside the configuration")
      ->type_name("FILE");
  app.add_option("--chroot", o.chroot, "where the server locks itself up")->type_name("FOLDER")->check(CLI::ExistingDirectory);
}

void add_probe(CLI::App& app, probe_options& o) {
  app.add_option("--live", o.live)->required();
  app.add_option("--openssl-conf", o.openssl_conf)->required();
  app.add_option("--user", o.user);
  app.add_option("--chroot", o.chroot);
  app.add_flag("--is-client", o.is_client);
  app.add_flag("--reads-as-user", o.reads_as_user);
}

void add_issue(CLI::App& app, issue_options& o) {
  app.add_option("-d,--domain", o.domains, "DNS name or IP address; may be repeated. Without: all configured certificates")
      ->type_name("NAME")
      ->allow_extra_args(false);
  app.add_option("--name", o.name, "what to call the certificate (live/NAME); the first domain if absent")->type_name("NAME");
  add_key_type(app, "--key", o.key, "key type of the certificate");
  app.add_flag("--force", o.force, "also where the certificate at hand has long to live");
  app.add_option("--jobs", o.jobs, "of many, so many are obtained at the same time")
      ->check(CLI::Range(1, 16))
      ->type_name("NUMBER")
      ->capture_default_str();
}

void add_renew(CLI::App& app, renew_options& o) {
  app.add_option("names", o.names, "certificates; all that are configured if absent")->type_name("NAME");
  app.add_flag("--force", o.force, "also those that are not due");
}

void add_revoke(CLI::App& app, revoke_options& o) {
  auto* const name = app.add_option("name", o.name, "the certificate's name")->type_name("NAME");
  app.add_flag("--all", o.all, "every certificate there is")->excludes(name);
  app.add_flag("--replace", o.replace, "first obtain another, and see that servers present it");
  app.add_option("--reason", o.reason, "as RFC 5280 names it: keyCompromise, superseded, cessationOfOperation, ...")
      ->type_name("REASON");
  app.callback([&o] {
    if (o.name.empty() && !o.all) throw CLI::ValidationError("which one? give a name, or --all");
  });
  app.add_option_function<std::string>(
         "--by", [&o](const std::string& key) { o.by_certificate_key = key == "certificate"; },
         "whose key signs the request: account (default) or certificate")
      ->type_name("KEY")
      ->check(CLI::IsMember({"account", "certificate"}));
}

void add_audit_verify(CLI::App& app, audit_verify_options& o) {
  app.add_option("--log", o.log, "the log; the configuration's if absent")->type_name("FILE");
  app.add_option("--key", o.key, "the audit key that must have signed it: PEM, DER or base64; the log's own word if absent")
      ->type_name("FILE");
  app.add_option("--anchor", o.anchor,
                 "checkpoints kept elsewhere ('audit anchor', journalctl -o cat): finds out whether the log was cut")
      ->type_name("FILE");
}

void add_audit_show(CLI::App& app, audit_show_options& o) {
  const auto time = [](auto& target) {
    return [&target](const std::string& text) {
      const auto read = audit::parse_time(text);
      if (!read) throw CLI::ValidationError(read.error().what);
      target = *read;
    };
  };
  app.add_option("--log", o.log, "the log; the configuration's if absent")->type_name("FILE");
  app.add_option("--key", o.wanted.key, "only requests for this key")->type_name("NAME");
  app.add_option("--uid", o.wanted.uid, "only requests of this user")->type_name("NUMBER");
  app.add_flag("--denied", o.wanted.denied, "only what was denied");
  app.add_option("--rule", o.wanted.rule, "only what this rule decided")->type_name("RULE");
  app.add_option_function<std::string>("--since", time(o.wanted.since), "not before this time, UTC: 2026-11-24T02:20")
      ->type_name("TIME");
  app.add_option_function<std::string>("--until", time(o.wanted.until), "not after this time")->type_name("TIME");
  app.add_option("--last", o.wanted.last, "only the last so many")->type_name("NUMBER");
}

/// One of a few words, or several with commas between them.
CLI::Validator among(const std::vector<std::string_view>& words, const std::string& what) {
  return {[words, what](const std::string& word) {
            if (std::ranges::find(words, word) != words.end()) return std::string{};
            std::string all;
            for (const auto one : words) (all += all.empty() ? "" : ", ") += one;
            return "unknown " + what + ' ' + quote(word) + "; choose from " + all;
          },
          ""};
}

/// CLI::Range lets NaN through.
CLI::Validator number(double low, double high, bool or_zero = false) {
  const auto check = [=](const std::string& text) -> std::string {
    const double value = std::strtod(text.c_str(), nullptr);
    if ((value >= low && value <= high) || (or_zero && value == 0)) return {};
    std::ostringstream why;
    why.precision(9);  // not "1e+07"
    why << "a number " << (or_zero ? "that is 0, or " : "") << "from " << low << " to " << high << ", not " << quote(text);
    return why.str();
  };
  return {check, ""};
}

void add_bench(CLI::App& app, bench_options& o) {
  auto& p = o.plan;
  app.add_option("--module", o.hsm.module, "another PKCS#11 library than the configuration's, which is then not read")
      ->type_name("FILE");
  app.add_option("--token", o.hsm.token, "the token's label, serial=NUMBER, or a PKCS#11 URI (RFC 7512)")->type_name("TOKEN");
  app.add_option("--pin-file", o.hsm.pin_file, "file with the PIN, mode 0400")->type_name("FILE");
  app.add_option("--init-args", o.hsm.init_args, "string that the module wants at C_Initialize")->type_name("TEXT");
  app.add_option("--key", o.key, "measure the key of this label; keys are made, and destroyed, if absent")->type_name("LABEL");
  const auto list = [&app](const char* name, auto& target, const char* help) {
    return app.add_option(name, target, help)->delimiter(',')->type_name("LIST")->capture_default_str();
  };
  list("--layers", p.layers, "what to measure; all that is there if absent")
      ->check(among(sealring::bench::layer_words(), "layer"));
  list("--operations", p.operations, "what else of the token is timed; of layers only those that are named then")
      ->check(among({sealring::bench::operation_words().begin(), sealring::bench::operation_words().end()}, "operation"));
  list("--key-type", p.kinds, "kinds of key and signature")->check(among(sealring::bench::kind_words(), "key type"));
  list("--threads", p.threads, "threads that sign")->check(CLI::Range(1, 1024));
  list("--sessions", p.sessions, "PKCS#11 sessions that they share; 0: one each")->check(CLI::Range(0, 1024));
  list("--in-flight", p.in_flight, "requests a thread has under way, where it can have several")->check(CLI::Range(1, 4096));
  list("--rate", p.rates, "requests a second, whether or not answers come; 0: as many as are answered")
      ->check(number(0.001, 1e7, true));
  app.add_option_function<std::vector<std::string>>(
         "--mechanism",
         [&p](const std::vector<std::string>& words) {
           p.combined.clear();
           for (const auto& word : words) p.combined.push_back(word == "combined");
         },
         "raw: hashed here; combined: by the token")
      ->delimiter(',')
      ->type_name("LIST")
      ->check(CLI::IsMember({"raw", "combined"}));
  app.add_flag("--ramp", p.ramp, "then more and more requests a second, to find how many are kept up with");
  app.add_option_function<std::string>(
         "--fault", [&p](const std::string& text) { p.trouble = sealring::bench::parse_fault(text); },
         "kill-keeper@SECOND or stall@SECOND,FOR: of the agent that is measured, in each slice")
      ->type_name("FAULT")
      ->check(CLI::Validator{[](const std::string& text) {
                               return sealring::bench::parse_fault(text)
                                          ? std::string{}
                                          : "a fault is kill-keeper@SECOND or stall@SECOND,FOR, not " + quote(text);
                             },
                             ""});
  app.add_option("--seconds", p.seconds, "how long each layer is measured under each load")->check(number(0.01, 86400));
  app.add_option("--rounds", p.rounds, "in how many slices")->check(CLI::Range(1, 10000));
  app.add_option("--verify-every", p.verify_every, "verify one signature in so many; 0: none");
  app.add_option("--cpu", p.cpu, "keep client and servers on this CPU")->check(CLI::Range(0, 1023));
  app.add_option_function<std::string>(
         "--audit-sync", [&o](const std::string& word) { o.sync = *parse<audit_sync>(word); }, "of the agent that is measured")
      ->check(CLI::IsMember({"interval", "always"}));
  app.add_option("--json", o.json, "the report, with all histograms")->type_name("FILE");
  app.add_option("--csv", o.csv, "a line a layer and load")->type_name("FILE");
  app.add_option("--report", o.report, "one HTML page with plots")->type_name("FILE");
}

/// CLI11 calls a mistyped verb a missing one.
std::string what_was_wrong(const CLI::App& app, const CLI::ParseError& e) {
  const auto extra = app.remaining();
  if (!app.get_subcommands().empty() || extra.empty()) return e.what();
  std::vector<std::string> names;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(verb->get_name());
  const std::vector<std::string_view> verbs{names.begin(), names.end()};
  const std::string_view meant = nearest(extra.front(), verbs);
  return "there is no " + quote(extra.front()) + (meant.empty() ? "" : "; did you mean " + quote(meant) + "?");
}

[[noreturn]] void usage_error(const CLI::App& app, const std::string& what) {
  std::string path = "sealring";
  for (const CLI::App* sub = &app; !sub->get_subcommands().empty();) {
    sub = sub->get_subcommands().front();
    path += ' ' + sub->get_name();
  }
  std::cerr << "sealring: error: " << what << "\ntry '" << path << " --help'\n";
  std::exit(2);
}

}  // namespace

invocation parse_command_line(int argc, char** argv) {
  invocation result{};
  CLI::App app{"TLS certificates whose private keys never exist outside an HSM.", "sealring"};
  app.set_version_flag("--version", std::string{"sealring "} + sealring::version);
  app.fallthrough();
  app.require_subcommand(1);
  app.option_defaults()->always_capture_default(false);
  app.add_option("--config", result.global.config, "the configuration file")
      ->type_name("FILE")
      ->default_str(result.global.config.string());
  app.add_flag("--json", result.global.json, "one JSON document on standard output");
  app.add_flag("-v,--verbose", result.global.verbose, "show each request to the CA");
  app.add_flag("-q,--quiet", result.global.quiet, "no progress");

  // For those whom another process of ours has started; not for people to type.
  std::string descriptors;
  app.add_option("--descriptors", descriptors)->group("");

  init_options init;
  init_prints init_print;
  doctor_options doctor;
  probe_options probe;
  issue_options issue;
  renew_options renew;
  authorize_options authorize;
  revoke_options revoke;
  show_options show;
  account_show_options account_show;
  account_update_options account_update;
  account_rollover_options rollover;
  account_deactivate_options deactivate;
  key_generate_options key_generate;
  key_reference_options key_reference;
  audit_verify_options audit_verify;
  audit_show_options audit_show;
  bench_options bench;
  bench_compare_options compare;
  const auto verb = [&app](const char* name, const char* help) {
    CLI::App* sub = app.add_subcommand(name, help);
    sub->fallthrough();
    return sub;
  };
  CLI::App* const init_verb = verb("init", "write the configuration, check token and CA, make the account");
  CLI::App* const doctor_verb = verb("doctor", "whether a server can use its certificates, and what to mend where it cannot");
  CLI::App* const probe_verb = verb("probe", "")->group("");  // hidden: doctor starts it
  CLI::App* const issue_verb = verb("issue", "obtain a certificate whose key is in the token");
  CLI::App* const renew_verb = verb("renew", "ask the CA whether certificates are due, and replace those that are");
  CLI::App* const authorize_verb = verb("authorize", "prove a certificate's names before any order, where the CA offers that");
  CLI::App* const revoke_verb = verb("revoke", "revoke a certificate");
  CLI::App* const status_verb = verb("status", "how all are, and what needs a person");
  CLI::App* const list_verb = verb("list", "the certificates there are");
  CLI::App* const show_verb = verb("show", "one certificate");
  CLI::App* const key_verb = verb("key", "keys in the token")->require_subcommand(1);
  CLI::App* const account_verb = verb("account", "the account at the CA")->require_subcommand(1);
  CLI::App* const agent_verb = verb("agent", "run the agent in the foreground: keys, policy, audit log, renewals");
  CLI::App* const manager_verb = verb("manager", "")->group("");  // hidden: the agent starts it
  CLI::App* const audit_verb = verb("audit", "the log of all that was asked of the keys")->require_subcommand(1);
  CLI::App* const bench_verb = verb("bench", "how many signatures a second token and agent give, and how soon");
  add_bench(*bench_verb, bench);
  CLI::App* const compare_verb = bench_verb->add_subcommand("compare", "two reports side by side; exits 1 where B is slower");
  compare_verb->add_option("A", compare.before, "a report (--json), or p11perftest's")->required();
  compare_verb->add_option("B", compare.after, "another")->required();
  compare_verb->add_option("--tolerance", compare.tolerance, "what is let pass; 0.05: five in a hundred")->check(number(0, 1));
  add_init(*init_verb, init);
  add_init_prints(*init_verb, init_print);
  add_doctor(*doctor_verb, doctor);
  add_probe(*probe_verb, probe);
  add_issue(*issue_verb, issue);
  add_renew(*renew_verb, renew);
  authorize_verb->add_option("name", authorize.name, "the certificate's name")->type_name("NAME")->required();
  add_revoke(*revoke_verb, revoke);
  show_verb->add_option("name", show.name, "the certificate's name")->type_name("NAME")->required();
  CLI::App* const key_list = key_verb->add_subcommand("list", "every private key, how it is kept, what uses it")->fallthrough();
  CLI::App* const generate_verb =
      key_verb->add_subcommand("generate", "make the key of a [[key]] entry in the token")->fallthrough();
  generate_verb->add_option("name", key_generate.name, "the entry's name")->type_name("NAME")->required();
  generate_verb->add_flag("--force", key_generate.force, "a new one in the place of the one in use");
  CLI::App* const reference_verb =
      key_verb->add_subcommand("reference", "what OpenSSL takes for a key's file: PEM, no secret in it")->fallthrough();
  reference_verb->add_option("name", key_reference.name, "the certificate's or key's name")->type_name("NAME")->required();
  const auto account = [account_verb](const char* name, const char* help, std::string& directory) {
    CLI::App* const sub = account_verb->add_subcommand(name, help)->fallthrough();
    sub->add_option("--directory", directory, "the CA's directory; [ca]'s if absent")->type_name("URL");
    return sub;
  };
  CLI::App* const account_show_verb = account("show", "the account, as we and the CA know it", account_show.directory);
  CLI::App* const update_verb = account("update", "tell the CA the contacts that the file has", account_update.directory);
  CLI::App* const rollover_verb = account("rollover", "a new key for the account, made in the token", rollover.directory);
  rollover_verb->add_flag("--plan", rollover.plan, "only make the new key, and say what its use would break");
  rollover_verb->add_flag("-y,--yes", rollover.yes, "without a question");
  CLI::App* const deactivate_verb = account("deactivate", "give the account up, for ever", deactivate.directory);
  deactivate_verb->add_flag("-y,--yes", deactivate.yes, "without a question");
  CLI::App* const verify_verb =
      audit_verb->add_subcommand("verify", "whether the log is as it was written; needs no token")->fallthrough();
  CLI::App* const records_verb =
      audit_verb->add_subcommand("show", "its records; with --json one document a line")->fallthrough();
  CLI::App* const anchor_verb =
      audit_verb->add_subcommand("anchor", "the last checkpoint that the token holds, for 'verify --anchor'")->fallthrough();
  add_audit_verify(*verify_verb, audit_verify);
  add_audit_show(*records_verb, audit_show);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) std::exit(app.exit(e));
    usage_error(app, what_was_wrong(app, e));
  }

  const bool prints = init_print.openssl_conf || !init_print.server.server.empty();
  if (*init_verb && prints) {
    if (init_verb->count_all() > 2 + init_verb->count("--name"))
      usage_error(app, "--openssl-conf and --server only print: leave out what is for the configuration");
    if (init_print.openssl_conf) result.verb = init_openssl_options{};
    else result.verb = std::move(init_print.server);
  } else if (*init_verb) {
    // Everything that init takes but --retry-pin is for the file.
    init.any_wish = init_verb->count_all() > 1 + init_verb->count("--retry-pin");
    result.verb = std::move(init);
  }
  if (*doctor_verb) result.verb = std::move(doctor);
  if (*probe_verb) result.verb = std::move(probe);
  if (*issue_verb) result.verb = std::move(issue);
  if (*renew_verb) result.verb = std::move(renew);
  if (*authorize_verb) result.verb = std::move(authorize);
  if (*revoke_verb) result.verb = std::move(revoke);
  if (*status_verb) result.verb = status_options{};
  if (*list_verb) result.verb = list_options{};
  if (*show_verb) result.verb = std::move(show);
  if (*key_list) result.verb = key_list_options{};
  if (*generate_verb) result.verb = std::move(key_generate);
  if (*reference_verb) result.verb = std::move(key_reference);
  if (*account_show_verb) result.verb = std::move(account_show);
  if (*update_verb) result.verb = std::move(account_update);
  if (*rollover_verb) result.verb = std::move(rollover);
  if (*deactivate_verb) result.verb = std::move(deactivate);
  if (*agent_verb) result.verb = agent_options{};
  if (*manager_verb) {
    result.verb = manager_options{descriptors};
  } else if (app.count("--descriptors") > 0) {
    const auto told = parse_descriptors(descriptors);
    if (!told) usage_error(app, told.error().what);
    result.global.as_manager = *told;
  }
  result.global.arguments.assign(argv + 1, argv + argc);
  if (*verify_verb) result.verb = std::move(audit_verify);
  if (*anchor_verb) result.verb = audit_anchor_options{};
  if (*records_verb) result.verb = std::move(audit_show);
  if (*compare_verb) result.verb = std::move(compare);
  else if (*bench_verb) result.verb = std::move(bench);
  return result;
}

}  // namespace sealring::agent::cli
