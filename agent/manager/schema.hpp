// The tables of the store, in the SQL that SQLite and PostgreSQL both take.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sealring::agent::sql {

// Times are seconds since 1970, lists have a member a line. A certificate's generation counts up within its name.
inline constexpr const char* version_1[] = {
    R"(CREATE TABLE sealring_schema (version INTEGER NOT NULL))",

    R"(CREATE TABLE account (
      directory  TEXT PRIMARY KEY,
      url        TEXT NOT NULL,
      key_label  TEXT NOT NULL,
      key_id     TEXT NOT NULL,
      status     TEXT NOT NULL,
      contact    TEXT NOT NULL))",

    R"(CREATE TABLE certificate (
      name               TEXT NOT NULL,
      serial             TEXT NOT NULL,
      generation         BIGINT NOT NULL,
      domains            TEXT NOT NULL,
      directory          TEXT NOT NULL,
      key_label          TEXT NOT NULL,
      key_id             TEXT NOT NULL,
      key_type           TEXT NOT NULL,
      not_before         BIGINT NOT NULL,
      not_after          BIGINT NOT NULL,
      issued_at          BIGINT NOT NULL,
      status             TEXT NOT NULL,
      revoked_at         BIGINT,
      revocation_reason  INTEGER,
      PRIMARY KEY (name, serial)))",

    R"(CREATE TABLE pending_key (
      id          TEXT PRIMARY KEY,
      name        TEXT NOT NULL,
      created_at  BIGINT NOT NULL))",
};

inline constexpr const char* version_2[] = {
    R"(CREATE TABLE pending_order (
      name       TEXT PRIMARY KEY,
      domains    TEXT NOT NULL,
      directory  TEXT NOT NULL,
      profile    TEXT NOT NULL,
      replaces   TEXT NOT NULL,
      url        TEXT NOT NULL,
      key_id     TEXT NOT NULL,
      key_type   TEXT NOT NULL,
      begun_at   BIGINT NOT NULL))",

    R"(CREATE TABLE pending_challenge (
      certificate        TEXT NOT NULL,
      type               TEXT NOT NULL,
      identifier         TEXT NOT NULL,
      token              TEXT NOT NULL,
      key_authorization  TEXT NOT NULL,
      account_url        TEXT NOT NULL,
      PRIMARY KEY (certificate, type, token)))",

    R"(CREATE TABLE pending_revocation (
      name                TEXT NOT NULL,
      serial              TEXT NOT NULL,
      directory           TEXT NOT NULL,
      certificate         TEXT NOT NULL,
      reason              INTEGER,
      by_certificate_key  INTEGER NOT NULL,
      replace             INTEGER NOT NULL,
      PRIMARY KEY (name, serial)))",

    R"(CREATE TABLE pending_rollover (
      directory   TEXT PRIMARY KEY,
      old_key_id  TEXT NOT NULL,
      new_key_id  TEXT NOT NULL,
      begun       INTEGER NOT NULL))",

    R"(CREATE TABLE upkeep (
      name               TEXT PRIMARY KEY,
      serial             TEXT NOT NULL,
      window_start       BIGINT,
      window_end         BIGINT,
      explanation_url    TEXT NOT NULL,
      renew_at           BIGINT,
      ask_at             BIGINT,
      failures           INTEGER NOT NULL,
      try_at             BIGINT,
      trouble            TEXT NOT NULL,
      portal             TEXT NOT NULL,
      deployed_at        BIGINT,
      deploy_trouble     TEXT NOT NULL,
      retire_at          BIGINT,
      checked_at         BIGINT,
      revoked_at         BIGINT,
      revocation_reason  INTEGER,
      valid_scts         INTEGER NOT NULL,
      unknown_scts       INTEGER NOT NULL,
      bad_scts           INTEGER NOT NULL,
      watch_trouble      TEXT NOT NULL))",

    // What a CA counts against its rate limits (budget.hpp).
    R"(CREATE TABLE counted (
      directory  TEXT NOT NULL,
      what       TEXT NOT NULL,
      subject    TEXT NOT NULL,
      at         BIGINT NOT NULL))",
    R"(CREATE INDEX counted_by_subject ON counted (directory, what, subject, at))",
    R"(CREATE INDEX certificate_by_key ON certificate (key_id))",
};

/// From each version to the next; store::open refuses a database of a later one.
inline constexpr std::span<const char* const> steps[] = {version_1, version_2};
inline constexpr int schema_version = std::size(steps);

/// A table's key, and its other columns, as record_sql.hpp names them.
struct table {
  std::string_view name;
  std::vector<std::string_view> key;
  std::vector<std::string_view> others;
};

/// Puts a record: a new row, or in the place of the one with the same key.
inline std::string put(const table& t) {
  std::string columns, values, changes, key;
  const auto add = [](std::string& list, const std::string& one) { (list += list.empty() ? "" : ", ") += one; };
  for (const std::string_view column : t.key) add(key, std::string{column});
  for (const auto* part : {&t.key, &t.others})
    for (const std::string_view column : *part) {
      add(columns, std::string{column});
      add(values, ':' + std::string{column});
    }
  for (const std::string_view column : t.others) add(changes, std::string{column} + " = excluded." + std::string{column});
  return "INSERT INTO " + std::string{t.name} + " (" + columns + ") VALUES (" + values + ") ON CONFLICT (" + key + ") DO " +
         (changes.empty() ? std::string{"NOTHING"} : "UPDATE SET " + changes);
}

inline const std::string put_account = put({"account", {"directory"}, {"url", "key_label", "key_id", "status", "contact"}});
inline const std::string put_pending_key = put({"pending_key", {"id"}, {"name", "created_at"}});
inline const std::string put_pending_order =
    put({"pending_order", {"name"}, {"domains", "directory", "profile", "replaces", "url", "key_id", "key_type", "begun_at"}});
inline const std::string put_pending_challenge =
    put({"pending_challenge", {"certificate", "type", "token"}, {"identifier", "key_authorization", "account_url"}});
inline const std::string put_pending_revocation =
    put({"pending_revocation", {"name", "serial"}, {"directory", "certificate", "reason", "by_certificate_key", "replace"}});
inline const std::string put_pending_rollover = put({"pending_rollover", {"directory"}, {"old_key_id", "new_key_id", "begun"}});
inline const std::string put_upkeep =
    put({"upkeep",
         {"name"},
         {"serial",     "window_start",      "window_end", "explanation_url", "renew_at",       "ask_at",       "failures",
          "try_at",     "trouble",           "portal",     "deployed_at",     "deploy_trouble", "retire_at",    "checked_at",
          "revoked_at", "revocation_reason", "valid_scts", "unknown_scts",    "bad_scts",       "watch_trouble"}});

// Its generation is made here.
inline constexpr const char* put_certificate = R"(
  INSERT INTO certificate (
    name, serial, generation,
    domains, directory, key_label, key_id, key_type, not_before, not_after, issued_at, status, revoked_at, revocation_reason)
  VALUES (
    :name, :serial, (SELECT COALESCE(MAX(generation), 0) + 1 FROM certificate WHERE name = :name),
    :domains, :directory, :key_label, :key_id, :key_type, :not_before, :not_after, :issued_at, :status, :revoked_at,
    :revocation_reason)
  ON CONFLICT (name, serial) DO UPDATE SET
    domains = excluded.domains, directory = excluded.directory, key_label = excluded.key_label, key_id = excluded.key_id,
    key_type = excluded.key_type, not_before = excluded.not_before, not_after = excluded.not_after,
    issued_at = excluded.issued_at, status = excluded.status, revoked_at = excluded.revoked_at,
    revocation_reason = excluded.revocation_reason)";

}  // namespace sealring::agent::sql
