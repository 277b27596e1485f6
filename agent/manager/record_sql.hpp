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
inline soci::indicator indicator_of(bool has_value) { return has_value ? soci::i_ok : soci::i_null; }

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
    if (sql::has(row, "revoked_at")) out.revoked_at = sql::time(row, "revoked_at");
    if (sql::has(row, "revocation_reason")) out.revocation_reason = row.get<int>("revocation_reason");
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
    row.set("revoked_at", sql::seconds(in.revoked_at.value_or(std::chrono::sys_seconds{})),
            sql::indicator_of(in.revoked_at.has_value()));
    row.set("revocation_reason", in.revocation_reason.value_or(0), sql::indicator_of(in.revocation_reason.has_value()));
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
