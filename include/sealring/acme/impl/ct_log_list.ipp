#pragma once

#include "sealring/acme/ct_log_list.hpp"

#include "sealring/acme/timestamp.hpp"
#include "sealring/base64url.hpp"
#include "sealring/digest.hpp"
#include "sealring/x509/fields.hpp"

#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace sealring::inline v0::acme {

namespace detail {

/// "line:column" of an octet, as editors count.
inline std::string place_of(std::string_view text, std::size_t at) {
  const auto before = text.substr(0, at);
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto start = before.rfind('\n');
  return std::to_string(line) + ':' + std::to_string(at - (start == before.npos ? 0 : start + 1) + 1);
}

/// RFC 4648 section 4; empty for what is not.
inline bytes from_base64(std::string text) {
  if (text.ends_with("=")) text.pop_back();
  if (text.ends_with("=")) text.pop_back();
  if (text.find_first_of("-_") != text.npos) return {};
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  auto data = base64url_decode(text);
  return data ? *std::move(data) : bytes{};
}

inline bool is_public_key(const bytes& spki) {
  const bool read = sealring::detail::from_der<sealring::detail::evp_pkey, d2i_PUBKEY>(spki) != nullptr;
  ERR_clear_error();
  return read;
}

class ct_log_list_reader {
public:
  ct_log_list read;

  void operators(const json::array& all);

private:
  void logs(const json::object& op, const char* kind, const std::string& where);

  void log(const json::value& value, const std::string& where);

  /// Whether the log was rejected; nothing where there is a mistake. A log without a state counts.
  std::optional<bool> read_state(const json::object& entry, const std::string& where, x509::ct_log& log);

  void mistake(const std::string& where, const std::string& what) { read.mistakes.push_back(where + ": " + what); }
};

inline void ct_log_list_reader::operators(const json::array& all) {
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

inline void ct_log_list_reader::logs(const json::object& op, const char* kind, const std::string& where) {
  const json::value* value = op.if_contains(kind);
  if (value == nullptr) return;
  const std::string inside = where + '.' + kind;
  const json::array* array = value->if_array();
  if (array == nullptr) return mistake(inside, "is not an array");
  for (std::size_t i = 0; i < array->size(); ++i) log((*array)[i], inside + '[' + std::to_string(i) + ']');
}

inline void ct_log_list_reader::log(const json::value& value, const std::string& where) {
  const json::object* entry = value.if_object();
  if (entry == nullptr) return mistake(where, "is not an object");
  x509::ct_log one{text(*entry, "description"), from_base64(text(*entry, "key")), std::nullopt};
  if (!is_public_key(one.spki)) return mistake(where + ".key", "is not a public key in base64");
  const bytes id = from_base64(text(*entry, "log_id"));
  const auto digest = hash<sha256>(one.spki);
  if (!digest || !std::ranges::equal(id, digest->view()))
    return mistake(where + ".log_id", "is not the SHA-256 of the key in base64");
  if (one.description.empty()) one.description = x509::detail::to_hex(id);
  const auto rejected = read_state(*entry, where + ".state", one);
  if (rejected && !*rejected) read.logs.push_back(std::move(one));
}

inline std::optional<bool> ct_log_list_reader::read_state(const json::object& entry, const std::string& where,
                                                          x509::ct_log& log) {
  static constexpr std::string_view known[] = {"pending", "qualified", "usable", "readonly", "retired", "rejected"};
  const json::value* state = entry.if_contains("state");
  if (state == nullptr) return false;
  const json::object* states = state->if_object();
  if (states == nullptr || states->size() != 1) return mistake(where, "is not one state"), std::nullopt;
  const std::string name{states->begin()->key()};
  if (std::ranges::count(known, name) == 0)
    return mistake(where, json::serialize(json::string(name)) + " is no state of a log"), std::nullopt;
  if (name != "retired") return name == "rejected";
  const json::object* retired = states->begin()->value().if_object();
  const auto time = parse_timestamp(retired != nullptr ? text(*retired, "timestamp") : std::string{});
  if (!time) return mistake(where + ".retired.timestamp", "is no RFC 3339 timestamp"), std::nullopt;
  log.retired = *time;
  return false;
}

}  // namespace detail

SEALRING_INLINE result<ct_log_list> read_ct_log_list(std::string_view text) {
  const auto refuse = [](std::string what) {
    return failure{sealring::make_error_code(sealring::errc::bad_json), std::move(what)};
  };
  json::parser parser;
  json::error_code error;
  const std::size_t read = parser.write(text.data(), text.size(), error);
  if (error) return refuse(detail::place_of(text, read) + ": " + error.message());
  const json::value list = parser.release();
  const json::object* top = list.if_object();
  const json::value* operators = top != nullptr ? top->if_contains("operators") : nullptr;
  if (operators == nullptr || !operators->is_array())
    return refuse("1:1: operators: is missing, or not an array: not a list of CT logs of version 3");
  detail::ct_log_list_reader reader;
  reader.operators(operators->get_array());
  return std::move(reader.read);
}

}  // namespace sealring::inline v0::acme
