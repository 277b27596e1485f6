#include "agent/manager/watch/ct_log_list.hpp"

#include "agent/text.hpp"
#include "sealring/acme/json.hpp"
#include "sealring/acme/timestamp.hpp"
#include "sealring/base64url.hpp"

#include <boost/json/parser.hpp>

#include <algorithm>

namespace sealring::agent {
namespace {

namespace json = boost::json;

// "line:column" of an octet, as editors count.
std::string place(std::string_view text, std::size_t at) {
  const auto before = text.substr(0, at);
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto start = before.rfind('\n');
  return std::to_string(line) + ':' + std::to_string(at - (start == before.npos ? 0 : start + 1) + 1);
}

result<bytes> from_base64(std::string text) {
  if (text.ends_with("=")) text.pop_back();
  if (text.ends_with("=")) text.pop_back();
  if (text.find_first_of("-_") != text.npos) return fail(condition::bad_input, "");
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  auto data = base64url_decode(text);
  if (!data) return fail(data.error(), "");
  return *std::move(data);
}

bool is_public_key(const bytes& spki) {
  const bool read = sealring::detail::from_der<sealring::detail::evp_pkey, d2i_PUBKEY>(spki) != nullptr;
  ERR_clear_error();
  return read;
}

class reader {
public:
  explicit reader(const std::string& file) : file_{file} {}

  void log(const json::value& value, const std::string& where) {
    const json::object* entry = value.if_object();
    if (entry == nullptr) return mistake(where, "is not an object");
    const auto key = from_base64(acme::text(*entry, "key"));
    if (!key || !is_public_key(*key)) return mistake(where + ".key", "is not a public key in base64");
    const auto id = from_base64(acme::text(*entry, "log_id"));
    const auto digest = hash<sha256>(*key);
    if (!id || !digest || !std::ranges::equal(*id, digest->view()))
      return mistake(where + ".log_id", "is not the SHA-256 of the key in base64");
    x509::ct_log one{one_line(acme::text(*entry, "description")), *key, std::nullopt};
    if (one.description.empty()) one.description = to_hex(*id);
    const auto rejected = read_state(*entry, where + ".state", one);
    if (rejected && !*rejected) list_.logs.push_back(std::move(one));
  }

  void logs(const json::object& op, const char* kind, const std::string& where) {
    const json::value* value = op.if_contains(kind);
    if (value == nullptr) return;
    const std::string inside = where + '.' + kind;
    const json::array* array = value->if_array();
    if (array == nullptr) return mistake(inside, "is not an array");
    for (std::size_t i = 0; i < array->size(); ++i) log((*array)[i], inside + '[' + std::to_string(i) + ']');
  }

  void operators(const json::array& all) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::string where = "operators[" + std::to_string(i) + ']';
      const json::object* one = all[i].if_object();
      if (one == nullptr) {
        mistake(where, "is not an object");
        continue;
      }
      logs(*one, "logs", where);
      logs(*one, "tiled_logs", where);
    }
  }

  ct_log_list take() { return std::move(list_); }

private:
  /// Whether the log was rejected; nothing where there is a mistake. A log without a state counts.
  std::optional<bool> read_state(const json::object& entry, const std::string& where, x509::ct_log& log) {
    const json::value* state = entry.if_contains("state");
    if (state == nullptr) return false;
    const json::object* states = state->if_object();
    if (states == nullptr || states->size() != 1) return mistake(where, "is not one state"), std::nullopt;
    const std::string name{states->begin()->key()};
    if (std::ranges::count(known_states, name) == 0) return mistake(where, quote(name) + " is no state of a log"), std::nullopt;
    if (name != "retired") return name == "rejected";
    const json::object* retired = states->begin()->value().if_object();
    const auto time = acme::parse_timestamp(retired != nullptr ? acme::text(*retired, "timestamp") : std::string{});
    if (!time) return mistake(where + ".retired.timestamp", "is no RFC 3339 timestamp"), std::nullopt;
    log.retired = *time;
    return false;
  }

  static constexpr std::string_view known_states[] = {"pending", "qualified", "usable", "readonly", "retired", "rejected"};

  void mistake(const std::string& where, const std::string& what) {
    list_.mistakes.push_back(file_ + ": " + where + ": " + what);
  }

  std::string file_;
  ct_log_list list_;
};

}  // namespace

result<ct_log_list> parse_ct_log_list(std::string_view text, const std::string& file) {
  json::parser parser;
  json::error_code error;
  const std::size_t read = parser.write(text.data(), text.size(), error);
  if (error) return fail(condition::bad_input, file + ':' + place(text, read) + ": " + error.message());
  const json::value list = parser.release();
  const json::object* top = list.if_object();
  const json::value* operators = top != nullptr ? top->if_contains("operators") : nullptr;
  if (operators == nullptr || !operators->is_array())
    return fail(condition::bad_input, file + ": operators: is missing, or not an array: not a list of CT logs of version 3");
  reader r{file};
  r.operators(operators->get_array());
  return r.take();
}

}  // namespace sealring::agent
