// How a record is a row: SOCI's conversions. Include it in store.cpp only.
#pragma once

#include "agent/manager/record.hpp"

#include <soci/soci.h>

#include <string_view>

namespace sealring::agent::sql {

// No domain, and no URL (RFC 3986), has a line break in it.
inline std::string join(const std::vector<std::string>& list) {
  std::string out;
  for (const auto& text : list) (out += out.empty() ? "" : "\n") += text;
  return out;
}

inline std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> list;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    list.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return list;
}

inline long long seconds(std::chrono::sys_seconds t) { return t.time_since_epoch().count(); }
inline std::chrono::sys_seconds time(const soci::values& row, const char* column) {
  return std::chrono::sys_seconds(std::chrono::seconds(row.get<long long>(column)));
}

// NULL is "not".
inline bool has(const soci::values& row, const char* column) { return row.get_indicator(column) == soci::i_ok; }

inline std::optional<std::chrono::sys_seconds> instant(const soci::values& row, const char* column) {
  return has(row, column) ? std::optional{time(row, column)} : std::nullopt;
}
inline void set(soci::values& row, const char* column, const std::optional<std::chrono::sys_seconds>& t) {
  row.set(column, t ? seconds(*t) : 0LL, t ? soci::i_ok : soci::i_null);
}
inline std::optional<int> number(const soci::values& row, const char* column) {
  return has(row, column) ? std::optional{row.get<int>(column)} : std::nullopt;
}
inline void set(soci::values& row, const char* column, const std::optional<int>& n) {
  row.set(column, n.value_or(0), n ? soci::i_ok : soci::i_null);
}

}  // namespace sealring::agent::sql

template <>
struct soci::type_conversion<sealring::agent::account> {
  using base_type = values;
  static void from_base(const values& row, indicator, sealring::agent::account& out) {
    out.directory = row.get<std::string>("directory");
    out.url = row.get<std::string>("url");
    out.key_label = row.get<std::string>("key_label");
    out.key_id = row.get<std::string>("key_id");
    out.status = row.get<std::string>("status");
    out.contact = sealring::agent::sql::split(row.get<std::string>("contact"));
  }
  static void to_base(const sealring::agent::account& in, values& row, indicator& present) {
    row.set("directory", in.directory);
    row.set("url", in.url);
    row.set("key_label", in.key_label);
    row.set("key_id", in.key_id);
    row.set("status", in.status);
    row.set("contact", sealring::agent::sql::join(in.contact));
    present = i_ok;
  }
};

template <>
struct soci::type_conversion<sealring::agent::certificate> {
  using base_type = values;
  using certificate = sealring::agent::certificate;
  using certificate_status = sealring::agent::certificate_status;

  static void from_base(const values& row, indicator, certificate& out) {
    namespace sql = sealring::agent::sql;
    out.name = row.get<std::string>("name");
    out.serial = row.get<std::string>("serial");
    out.domains = sql::split(row.get<std::string>("domains"));
    out.directory = row.get<std::string>("directory");
    out.key_label = row.get<std::string>("key_label");
    out.key_id = row.get<std::string>("key_id");
    out.key_type = row.get<std::string>("key_type");
    out.not_before = sql::time(row, "not_before");
    out.not_after = sql::time(row, "not_after");
    out.issued_at = sql::time(row, "issued_at");
    out.status = row.get<std::string>("status") == "revoked" ? certificate_status::revoked : certificate_status::issued;
    out.revoked_at = sql::instant(row, "revoked_at");
    out.revocation_reason = sql::number(row, "revocation_reason");
  }
  static void to_base(const certificate& in, values& row, indicator& present) {
    namespace sql = sealring::agent::sql;
    row.set("name", in.name);
    row.set("serial", in.serial);
    row.set("domains", sql::join(in.domains));
    row.set("directory", in.directory);
    row.set("key_label", in.key_label);
    row.set("key_id", in.key_id);
    row.set("key_type", in.key_type);
    row.set("not_before", sql::seconds(in.not_before));
    row.set("not_after", sql::seconds(in.not_after));
    row.set("issued_at", sql::seconds(in.issued_at));
    row.set("status", std::string(in.status == certificate_status::revoked ? "revoked" : "issued"));
    sql::set(row, "revoked_at", in.revoked_at);
    sql::set(row, "revocation_reason", in.revocation_reason);
    present = i_ok;
  }
};

template <>
struct soci::type_conversion<sealring::agent::pending_key> {
  using base_type = values;
  static void from_base(const values& row, indicator, sealring::agent::pending_key& out) {
    out.id = row.get<std::string>("id");
    out.name = row.get<std::string>("name");
    out.created_at = sealring::agent::sql::time(row, "created_at");
  }
  static void to_base(const sealring::agent::pending_key& in, values& row, indicator& present) {
    row.set("id", in.id);
    row.set("name", in.name);
    row.set("created_at", sealring::agent::sql::seconds(in.created_at));
    present = i_ok;
  }
};

template <>
struct soci::type_conversion<sealring::agent::pending_order> {
  using base_type = values;
  static void from_base(const values& row, indicator, sealring::agent::pending_order& out) {
    namespace sql = sealring::agent::sql;
    out.name = row.get<std::string>("name");
    out.domains = sql::split(row.get<std::string>("domains"));
    out.directory = row.get<std::string>("directory");
    out.profile = row.get<std::string>("profile");
    out.replaces = row.get<std::string>("replaces");
    out.url = row.get<std::string>("url");
    out.key_id = row.get<std::string>("key_id");
    out.key_type = row.get<std::string>("key_type");
    out.begun_at = sql::time(row, "begun_at");
  }
  static void to_base(const sealring::agent::pending_order& in, values& row, indicator& present) {
    namespace sql = sealring::agent::sql;
    row.set("name", in.name);
    row.set("domains", sql::join(in.domains));
    row.set("directory", in.directory);
    row.set("profile", in.profile);
    row.set("replaces", in.replaces);
    row.set("url", in.url);
    row.set("key_id", in.key_id);
    row.set("key_type", in.key_type);
    row.set("begun_at", sql::seconds(in.begun_at));
    present = i_ok;
  }
};

template <>
struct soci::type_conversion<sealring::agent::pending_challenge> {
  using base_type = values;
  static void from_base(const values& row, indicator, sealring::agent::pending_challenge& out) {
    out.certificate = row.get<std::string>("certificate");
    out.type = row.get<std::string>("type");
    out.identifier = row.get<std::string>("identifier");
    out.token = row.get<std::string>("token");
    out.key_authorization = row.get<std::string>("key_authorization");
    out.account_url = row.get<std::string>("account_url");
  }
  static void to_base(const sealring::agent::pending_challenge& in, values& row, indicator& present) {
    row.set("certificate", in.certificate);
    row.set("type", in.type);
    row.set("identifier", in.identifier);
    row.set("token", in.token);
    row.set("key_authorization", in.key_authorization);
    row.set("account_url", in.account_url);
    present = i_ok;
  }
};

template <>
struct soci::type_conversion<sealring::agent::pending_revocation> {
  using base_type = values;
  static void from_base(const values& row, indicator, sealring::agent::pending_revocation& out) {
    namespace sql = sealring::agent::sql;
    out.name = row.get<std::string>("name");
    out.serial = row.get<std::string>("serial");
    out.directory = row.get<std::string>("directory");
    out.certificate = row.get<std::string>("certificate");
    out.reason = sql::number(row, "reason");
    out.by_certificate_key = row.get<int>("by_certificate_key") != 0;
    out.replace = row.get<int>("replace") != 0;
  }
  static void to_base(const sealring::agent::pending_revocation& in, values& row, indicator& present) {
    namespace sql = sealring::agent::sql;
    row.set("name", in.name);
    row.set("serial", in.serial);
    row.set("directory", in.directory);
    row.set("certificate", in.certificate);
    sql::set(row, "reason", in.reason);
    row.set("by_certificate_key", in.by_certificate_key ? 1 : 0);
    row.set("replace", in.replace ? 1 : 0);
    present = i_ok;
  }
};

template <>
struct soci::type_conversion<sealring::agent::pending_rollover> {
  using base_type = values;
  static void from_base(const values& row, indicator, sealring::agent::pending_rollover& out) {
    out.directory = row.get<std::string>("directory");
    out.old_key_id = row.get<std::string>("old_key_id");
    out.new_key_id = row.get<std::string>("new_key_id");
    out.begun = row.get<int>("begun") != 0;
  }
  static void to_base(const sealring::agent::pending_rollover& in, values& row, indicator& present) {
    row.set("directory", in.directory);
    row.set("old_key_id", in.old_key_id);
    row.set("new_key_id", in.new_key_id);
    row.set("begun", in.begun ? 1 : 0);
    present = i_ok;
  }
};

template <>
struct soci::type_conversion<sealring::agent::upkeep> {
  using base_type = values;
  static void from_base(const values& row, indicator, sealring::agent::upkeep& out) {
    namespace sql = sealring::agent::sql;
    out.name = row.get<std::string>("name");
    out.serial = row.get<std::string>("serial");
    out.window_start = sql::instant(row, "window_start");
    out.window_end = sql::instant(row, "window_end");
    out.explanation_url = row.get<std::string>("explanation_url");
    out.renew_at = sql::instant(row, "renew_at");
    out.ask_at = sql::instant(row, "ask_at");
    out.failures = row.get<int>("failures");
    out.try_at = sql::instant(row, "try_at");
    out.trouble = row.get<std::string>("trouble");
    out.portal = row.get<std::string>("portal");
    out.deployed_at = sql::instant(row, "deployed_at");
    out.deploy_trouble = row.get<std::string>("deploy_trouble");
    out.retire_at = sql::instant(row, "retire_at");
    out.checked_at = sql::instant(row, "checked_at");
    out.revoked_at = sql::instant(row, "revoked_at");
    out.revocation_reason = sql::number(row, "revocation_reason");
    out.valid_scts = row.get<int>("valid_scts");
    out.unknown_scts = row.get<int>("unknown_scts");
    out.bad_scts = row.get<int>("bad_scts");
    out.watch_trouble = row.get<std::string>("watch_trouble");
  }
  static void to_base(const sealring::agent::upkeep& in, values& row, indicator& present) {
    namespace sql = sealring::agent::sql;
    row.set("name", in.name);
    row.set("serial", in.serial);
    sql::set(row, "window_start", in.window_start);
    sql::set(row, "window_end", in.window_end);
    row.set("explanation_url", in.explanation_url);
    sql::set(row, "renew_at", in.renew_at);
    sql::set(row, "ask_at", in.ask_at);
    row.set("failures", in.failures);
    sql::set(row, "try_at", in.try_at);
    row.set("trouble", in.trouble);
    row.set("portal", in.portal);
    sql::set(row, "deployed_at", in.deployed_at);
    row.set("deploy_trouble", in.deploy_trouble);
    sql::set(row, "retire_at", in.retire_at);
    sql::set(row, "checked_at", in.checked_at);
    sql::set(row, "revoked_at", in.revoked_at);
    sql::set(row, "revocation_reason", in.revocation_reason);
    row.set("valid_scts", in.valid_scts);
    row.set("unknown_scts", in.unknown_scts);
    row.set("bad_scts", in.bad_scts);
    row.set("watch_trouble", in.watch_trouble);
    present = i_ok;
  }
};
