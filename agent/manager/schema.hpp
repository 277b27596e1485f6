// The tables of the store, in the SQL that SQLite and PostgreSQL both take.
#pragma once

namespace sealring::agent::sql {

/// Raise it with every change below; store::open refuses a database of a later version.
inline constexpr int schema_version = 1;

// Times are seconds since 1970, lists have a member a line. A certificate's generation counts up within its name.
inline constexpr const char* schema[] = {
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

// Each puts a record that record_sql.hpp has made a row: a new one, or in the place of the one with the same key.

inline constexpr const char* put_account = R"(
  INSERT INTO account (directory, url, key_label, key_id, status, contact)
  VALUES (:directory, :url, :key_label, :key_id, :status, :contact)
  ON CONFLICT (directory) DO UPDATE SET
    url = excluded.url, key_label = excluded.key_label, key_id = excluded.key_id, status = excluded.status,
    contact = excluded.contact)";

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

inline constexpr const char* put_pending_key = R"(
  INSERT INTO pending_key (id, name, created_at) VALUES (:id, :name, :created_at)
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, created_at = excluded.created_at)";

}  // namespace sealring::agent::sql
