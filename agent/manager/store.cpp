#include "agent/manager/store.hpp"

#include "agent/file.hpp"
#include "agent/manager/record_sql.hpp"
#include "agent/manager/schema.hpp"
#include "agent/text.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sealring::agent {
namespace fs = std::filesystem;
namespace {

// SQLite would make the file with the umask's mode; its -wal and -shm files take over the mode of the file.
result<void> make_private_file(const fs::path& path) {
  if (auto folders = make_folders(path.parent_path(), 0700); !folders) return folders;
  // One that is there is not opened: to close it would let go the locks of all that this process has open on it, and another
  // process could take the -wal file away from under us (https://sqlite.org/howtocorrupt.html, section 2.2).
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const int why = errno;
  std::error_code unseen;
  if (made >= 0) {
    ::close(made);
  } else if (fs::is_directory(path, unseen)) {
    return system_failure(EISDIR, "cannot open the state database " + quote(path.string()));
  } else if (errno = why; errno != EEXIST || ::access(path.c_str(), R_OK | W_OK) != 0) {
    const std::string advice = errno == EACCES || errno == EROFS ? "; its folder must be one that this user may write to" : "";
    auto failed = system_failure(errno, "cannot open the state database " + quote(path.string()));
    failed.what += advice;
    return failed;
  }
  return {};
}

}  // namespace

struct store::database {
  std::string path;
  soci::session sql;

  // SOCI throws; this is the border where that ends.
  template <class F>
  auto guarded(F work) -> result<decltype(work())> try {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      return {};
    } else {
      return work();
    }
  } catch (const soci::sqlite3_soci_error& e) {
    const bool busy = e.result() == SQLITE_BUSY || e.result() == SQLITE_LOCKED;
    return failed(busy ? condition::retry_later : condition::operator_needed, e);
  } catch (const soci::soci_error& e) {
    return failed(condition::operator_needed, e);
  } catch (const std::bad_cast&) {
    return failed(condition::operator_needed, soci::soci_error("a column has not the type that sealring gave it"));
  }

  failure failed(condition c, const soci::soci_error& e) const {
    std::string what = "the state database " + quote(path) + ": " + e.get_error_message();
    if (c == condition::retry_later) what += "; another process is at work on it, try again when it has ended";
    return fail(c, std::move(what));
  }

  void execute(const std::string& query) { sql << query; }

  void execute(const std::string& query, std::string_view argument) {
    const std::string value(argument);
    sql << query, soci::use(value);
  }

  template <class T>
  std::vector<T> select(const std::string& query) {
    const soci::rowset<T> rows = (sql.prepare << query);
    return {rows.begin(), rows.end()};
  }

  template <class T>
  std::vector<T> select(const std::string& query, std::string_view argument) {
    const std::string value(argument);
    const soci::rowset<T> rows = (sql.prepare << query, soci::use(value));
    return {rows.begin(), rows.end()};
  }

  template <class T>
  std::optional<T> find(const std::string& query, std::string_view argument) {
    auto found = select<T>(query, argument);
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
  }

  template <class T>
  void put(const std::string& query, const T& record) {
    sql << query, soci::use(record);
  }

  // 0 for a database that has no tables yet.
  int version() {
    int tables = 0;
    sql << "SELECT COUNT(*) FROM sqlite_master WHERE name = 'sealring_schema'", soci::into(tables);
    int found = 0;
    if (tables > 0) sql << "SELECT version FROM sealring_schema", soci::into(found);
    return found;
  }

  // Readers never wait for a writer, and what is committed survives a power failure.
  void prepare_sqlite() {
    execute("PRAGMA busy_timeout = 10000");
    std::string mode;
    sql << "PRAGMA journal_mode", soci::into(mode);
    if (mode != "wal") sql << "PRAGMA journal_mode = WAL", soci::into(mode);
    execute("PRAGMA synchronous = FULL");
    if (version() >= sql::schema_version) return;
    // Taking the lock before looking: of two that come at once, the second finds the tables of the first.
    execute("BEGIN IMMEDIATE");
    const int before = version();
    for (int step = before; step < sql::schema_version; ++step)
      for (const char* statement : sql::steps[step]) execute(statement);
    if (before == 0) sql << "INSERT INTO sealring_schema (version) VALUES (:version)", soci::use(sql::schema_version);
    else if (before < sql::schema_version) sql << "UPDATE sealring_schema SET version = :v", soci::use(sql::schema_version);
    execute("COMMIT");
  }
};

store::store(std::unique_ptr<database> d) noexcept : database_(std::move(d)) {}
store::store(store&&) noexcept = default;
store& store::operator=(store&&) noexcept = default;
store::~store() = default;

result<store> store::open(std::string_view url) {
  static constexpr std::string_view scheme = "sqlite3://";
  if (!url.starts_with(scheme) || url.size() == scheme.size()) {
    return fail(condition::unsupported, "unknown kind of database " + quote(url) + "; write \"sqlite3://PATH\"");
  }
  const fs::path path = fs::absolute(url.substr(scheme.size()));
  if (path.string().find('"') != std::string::npos) {
    return fail(condition::bad_input, quote(url) + ": a quotation mark cannot be in the path of a database");
  }
  if (auto made = make_private_file(path); !made) return made.error();

  auto d = std::make_unique<database>();
  d->path = path.string();
  const auto attempt = [&] {
    return d->guarded([&] {
      d->sql.close();
      d->sql.open(soci::sqlite3, "dbname=\"" + d->path + "\"");
      d->prepare_sqlite();
      return d->version();
    });
  };
  // Where several processes make one new database, SQLite does not wait for its busy_timeout while the journal's mode changes.
  auto opened = attempt();
  for (const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
       !opened && opened.error().code == condition::retry_later && std::chrono::steady_clock::now() < until; opened = attempt())
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  if (!opened) return opened.error();
  if (*opened != sql::schema_version) {
    return fail(condition::unsupported, "the state database " + quote(d->path) +
                                            " was written by a later version of sealring (" + std::to_string(*opened) +
                                            "); install that one");
  }
  return store(std::move(d));
}

// --- Accounts ----------------------------------------------------------------------------------------------------------------

result<std::optional<account>> store::find_account(std::string_view directory) const {
  return database_->guarded([&] { return database_->find<account>("SELECT * FROM account WHERE directory = :d", directory); });
}

result<std::vector<account>> store::accounts() const {
  return database_->guarded([&] { return database_->select<account>("SELECT * FROM account ORDER BY directory"); });
}

result<void> store::put(const account& a) {
  return database_->guarded([&] { database_->put(sql::put_account, a); });
}

result<void> store::erase_account(std::string_view directory) {
  return database_->guarded([&] { database_->execute("DELETE FROM account WHERE directory = :d", directory); });
}

// --- Certificates ------------------------------------------------------------------------------------------------------------

result<std::optional<certificate>> store::find_certificate(std::string_view name) const {
  return database_->guarded([&] {
    return database_->find<certificate>("SELECT * FROM certificate WHERE name = :n ORDER BY generation DESC LIMIT 1", name);
  });
}

result<std::vector<certificate>> store::certificates() const {
  return database_->guarded([&] {
    return database_->select<certificate>(
        "SELECT * FROM certificate AS c WHERE generation = (SELECT MAX(generation) FROM certificate WHERE name = c.name)"
        " ORDER BY name");
  });
}

result<std::vector<certificate>> store::generations(std::string_view name) const {
  return database_->guarded([&] {
    return database_->select<certificate>("SELECT * FROM certificate WHERE name = :n ORDER BY generation DESC", name);
  });
}

result<void> store::put(const certificate& c) {
  return database_->guarded([&] { database_->put(sql::put_certificate, c); });
}

result<void> store::erase_certificate(std::string_view name, std::string_view serial) {
  return database_->guarded([&] {
    const std::string n(name), s(serial);
    database_->sql << "DELETE FROM certificate WHERE name = :n AND serial = :s", soci::use(n), soci::use(s);
  });
}

// --- The journal
// ----------------------------------------------------------------------------------------------------------------

result<void> store::put(const pending_key& k) {
  return database_->guarded([&] { database_->put(sql::put_pending_key, k); });
}

result<std::vector<pending_key>> store::pending_keys() const {
  return database_->guarded(
      [&] { return database_->select<pending_key>("SELECT * FROM pending_key ORDER BY created_at, id"); });
}

result<void> store::erase_pending_key(std::string_view id) {
  return database_->guarded([&] { database_->execute("DELETE FROM pending_key WHERE id = :id", id); });
}

result<void> store::put(const pending_order& o) {
  return database_->guarded([&] { database_->put(sql::put_pending_order, o); });
}

result<std::optional<pending_order>> store::find_pending_order(std::string_view name) const {
  return database_->guarded(
      [&] { return database_->find<pending_order>("SELECT * FROM pending_order WHERE name = :n", name); });
}

result<std::vector<pending_order>> store::pending_orders() const {
  return database_->guarded([&] { return database_->select<pending_order>("SELECT * FROM pending_order ORDER BY begun_at"); });
}

result<void> store::erase_pending_order(std::string_view name) {
  return database_->guarded([&] { database_->execute("DELETE FROM pending_order WHERE name = :n", name); });
}

result<void> store::put(const pending_challenge& c) {
  return database_->guarded([&] { database_->put(sql::put_pending_challenge, c); });
}

result<std::vector<pending_challenge>> store::pending_challenges(std::string_view certificate) const {
  return database_->guarded([&] {
    return database_->select<pending_challenge>("SELECT * FROM pending_challenge WHERE certificate = :c", certificate);
  });
}

result<void> store::erase(const pending_challenge& c) {
  return database_->guarded([&] {
    database_->sql << "DELETE FROM pending_challenge WHERE certificate = :c AND type = :t AND token = :k",
        soci::use(c.certificate), soci::use(c.type), soci::use(c.token);
  });
}

result<void> store::put(const pending_revocation& r) {
  return database_->guarded([&] { database_->put(sql::put_pending_revocation, r); });
}

result<std::vector<pending_revocation>> store::pending_revocations() const {
  return database_->guarded(
      [&] { return database_->select<pending_revocation>("SELECT * FROM pending_revocation ORDER BY name, serial"); });
}

result<void> store::erase(const pending_revocation& r) {
  return database_->guarded([&] {
    database_->sql << "DELETE FROM pending_revocation WHERE name = :n AND serial = :s", soci::use(r.name), soci::use(r.serial);
  });
}

result<void> store::put(const pending_rollover& r) {
  return database_->guarded([&] { database_->put(sql::put_pending_rollover, r); });
}

result<std::optional<pending_rollover>> store::find_pending_rollover(std::string_view directory) const {
  return database_->guarded(
      [&] { return database_->find<pending_rollover>("SELECT * FROM pending_rollover WHERE directory = :d", directory); });
}

result<void> store::erase_pending_rollover(std::string_view directory) {
  return database_->guarded([&] { database_->execute("DELETE FROM pending_rollover WHERE directory = :d", directory); });
}

result<bool> store::refers_to_key(std::string_view id) const {
  return database_->guarded([&] {
    const std::string key(id);
    int users = 0;
    database_->sql << "SELECT (SELECT COUNT(*) FROM account WHERE key_id = :a)"
                      " + (SELECT COUNT(*) FROM certificate WHERE key_id = :c)"
                      " + (SELECT COUNT(*) FROM pending_order WHERE key_id = :o)"
                      " + (SELECT COUNT(*) FROM pending_rollover WHERE old_key_id = :p OR new_key_id = :q)",
        soci::use(key), soci::use(key), soci::use(key), soci::use(key), soci::use(key), soci::into(users);
    return users > 0;
  });
}

// --- Upkeep
// ---------------------------------------------------------------------------------------------------------------------

result<void> store::put(const upkeep& u) {
  return database_->guarded([&] { database_->put(sql::put_upkeep, u); });
}

result<std::optional<upkeep>> store::find_upkeep(std::string_view name) const {
  return database_->guarded([&] { return database_->find<upkeep>("SELECT * FROM upkeep WHERE name = :n", name); });
}

result<std::vector<upkeep>> store::upkeeps() const {
  return database_->guarded([&] { return database_->select<upkeep>("SELECT * FROM upkeep ORDER BY name"); });
}

result<void> store::erase_upkeep(std::string_view name) {
  return database_->guarded([&] { database_->execute("DELETE FROM upkeep WHERE name = :n", name); });
}

// --- What a CA counts
// -----------------------------------------------------------------------------------------------------------

result<void> store::count(std::string_view directory, std::string_view what, std::string_view subject,
                          std::chrono::sys_seconds at) {
  return database_->guarded([&] {
    const std::string d(directory), w(what), s(subject);
    const long long when = sql::seconds(at);
    database_->sql << "INSERT INTO counted (directory, what, subject, at) VALUES (:d, :w, :s, :t)", soci::use(d), soci::use(w),
        soci::use(s), soci::use(when);
  });
}

result<std::vector<std::chrono::sys_seconds>> store::counted(std::string_view directory, std::string_view what,
                                                             std::string_view subject, std::chrono::sys_seconds since) const {
  return database_->guarded([&] {
    const std::string d(directory), w(what), s(subject);
    const long long from = sql::seconds(since);
    const soci::rowset<long long> rows =
        (database_->sql.prepare
             << "SELECT at FROM counted WHERE directory = :d AND what = :w AND subject = :s AND at > :t ORDER BY at",
         soci::use(d), soci::use(w), soci::use(s), soci::use(from));
    std::vector<std::chrono::sys_seconds> out;
    for (const long long at : rows) out.emplace_back(std::chrono::seconds(at));
    return out;
  });
}

result<void> store::forget_counted(std::chrono::sys_seconds before) {
  return database_->guarded([&] {
    const long long until = sql::seconds(before);
    database_->sql << "DELETE FROM counted WHERE at <= :t", soci::use(until);
  });
}

}  // namespace sealring::agent
