#include "agent/keeper/key_book.hpp"

#include "agent/choice.hpp"
#include "agent/file.hpp"
#include "agent/text.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace sealring::agent {

namespace json = boost::json;

template <>
inline constexpr std::array<std::string_view, 4> words<key_state>{"making", "fresh", "current", "superseded"};

namespace {

// Reading throws on anything that is not as it was written: open() turns that into a failure.

std::string text(const json::object& o, const char* name) { return std::string{o.at(name).as_string()}; }
std::int64_t seconds(std::chrono::sys_seconds t) { return t.time_since_epoch().count(); }
std::chrono::sys_seconds time(const json::object& o, const char* name) {
  return std::chrono::sys_seconds{std::chrono::seconds{o.at(name).as_int64()}};
}

json::object to_json(const kept_key& k) {
  return {{"name", k.name}, {"label", k.label}, {"id", k.id}, {"state", to_string(k.state)}, {"since", seconds(k.since)}};
}
kept_key key_from(const json::object& o) {
  const auto state = parse<key_state>(text(o, "state"));
  if (!state) throw std::invalid_argument{"state"};
  return {text(o, "name"), text(o, "label"), text(o, "id"), *state, time(o, "since")};
}

json::object to_json(const kept_account& a) { return {{"directory", a.directory}, {"requested", a.requested}, {"kid", a.kid}}; }
kept_account account_from(const json::object& o) { return {text(o, "directory"), o.at("requested").as_bool(), text(o, "kid")}; }

json::object to_json(const kept_approval& a) {
  return {{"number", a.number},
          {"operation", a.operation},
          {"key", a.key},
          {"parameters", json::array(a.parameters.begin(), a.parameters.end())},
          {"expires", seconds(a.expires)}};
}
kept_approval approval_from(const json::object& o) {
  kept_approval a{o.at("number").to_number<std::uint64_t>(), text(o, "operation"), text(o, "key"), {}, time(o, "expires")};
  for (const json::value& one : o.at("parameters").as_array()) a.parameters.emplace_back(one.as_string());
  return a;
}

template <class T>
json::array all(const std::vector<T>& list) {
  json::array out;
  for (const T& one : list) out.push_back(to_json(one));
  return out;
}

}  // namespace

result<key_book> key_book::open(std::filesystem::path file) {
  key_book book{std::move(file)};
  std::error_code unseen;
  const bool exists = std::filesystem::exists(book.file_, unseen);
  if (unseen) return system_failure(unseen.value(), "cannot look for " + quote(book.file_.string()));
  if (!exists) return book;
  const auto content = read_file(book.file_, std::size_t{16} << 20);
  if (!content) return content.error();
  try {
    const json::object root = json::parse(*content).as_object();
    for (const json::value& one : root.at("keys").as_array()) book.keys_.push_back(key_from(one.as_object()));
    for (const json::value& one : root.at("accounts").as_array()) book.accounts_.push_back(account_from(one.as_object()));
    for (const json::value& one : root.at("approvals").as_array()) book.approvals_.push_back(approval_from(one.as_object()));
    book.next_approval_ = root.at("next_approval").to_number<std::uint64_t>();
  } catch (const std::exception& e) {
    return fail(condition::operator_needed, "the keeper's book " + quote(book.file_.string()) + " cannot be understood (" +
                                                e.what() + "); restore it from a backup: it says what each key is for");
  }
  return book;
}

const kept_key* key_book::find(std::string_view id) const noexcept {
  const auto found = std::ranges::find(keys_, id, &kept_key::id);
  return found == keys_.end() ? nullptr : &*found;
}

kept_account key_book::account_of(std::string_view directory) const {
  const auto found = std::ranges::find(accounts_, directory, &kept_account::directory);
  return found == accounts_.end() ? kept_account{std::string{directory}, false, {}} : *found;
}

result<void> key_book::begin(kept_key key) {
  key.state = key_state::making;
  return change([&] { keys_.push_back(std::move(key)); });
}

result<void> key_book::made(std::string_view id, time now) {
  return change([&] {
    if (kept_key* key = look_up(id)) *key = {key->name, key->label, key->id, key_state::fresh, now};
  });
}

result<void> key_book::adopt(std::string_view id, time now) {
  return change([&] {
    kept_key* next = look_up(id);
    if (next == nullptr || next->state == key_state::current) return;
    for (kept_key& other : keys_)
      if (other.name == next->name && other.state == key_state::current) {
        other.state = key_state::superseded;
        other.since = now;
      }
    next->state = key_state::current;
    next->since = now;
  });
}

result<void> key_book::forget(std::string_view id) {
  return change([&] { std::erase_if(keys_, [&](const kept_key& k) { return k.id == id; }); });
}

result<void> key_book::remember(const kept_account& account) {
  return change([&] {
    const auto found = std::ranges::find(accounts_, account.directory, &kept_account::directory);
    if (found == accounts_.end()) accounts_.push_back(account);
    else *found = account;
  });
}

result<std::uint64_t> key_book::approve(kept_approval approval, time now) {
  const auto number = approval.number = next_approval_;
  auto kept = change([&] {
    std::erase_if(approvals_, [now](const kept_approval& a) { return a.expires <= now; });
    approvals_.push_back(std::move(approval));
    ++next_approval_;
  });
  if (!kept) return kept.error();
  return number;
}

result<void> key_book::finish(std::uint64_t number) {
  return change([&] { std::erase_if(approvals_, [number](const kept_approval& a) { return a.number == number; }); });
}

/// What cannot be written down has not happened.
template <class Change>
result<void> key_book::change(Change make) {
  const key_book before = *this;
  make();
  auto written = write();
  if (!written) *this = before;
  return written;
}

result<void> key_book::write() const {
  const json::object root{
      {"keys", all(keys_)}, {"accounts", all(accounts_)}, {"approvals", all(approvals_)}, {"next_approval", next_approval_}};
  return write_file(file_, json::serialize(root) + '\n', 0600);
}

kept_key* key_book::look_up(std::string_view id) noexcept {
  const auto found = std::ranges::find(keys_, id, &kept_key::id);
  return found == keys_.end() ? nullptr : &*found;
}

}  // namespace sealring::agent
