#include "agent/keeper/policy/strict_json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <set>
#include <vector>

namespace sealring::agent::policy {
namespace {

// {"identifiers":[{...}]} has three levels: nothing in ACME has more.
constexpr std::size_t deepest = 4;

// Boost's own handler keeps the last of two members silently; this one sees every name before that happens.
class strict_handler {
public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();
  using code = json::error_code;

  bool on_document_begin(code&) {
    values_.reset();
    return true;
  }
  bool on_document_end(code&) { return true; }
  bool on_object_begin(code&) {
    names_.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t n, code&) {
    names_.pop_back();
    values_.push_object(n);
    return true;
  }
  bool on_array_begin(code&) { return true; }
  bool on_array_end(std::size_t n, code&) {
    values_.push_array(n);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, code&) {
    key_ += std::string_view{part.data(), part.size()};
    values_.push_chars(part);
    return true;
  }
  bool on_key(json::string_view part, std::size_t, code& ec) {
    key_ += std::string_view{part.data(), part.size()};
    values_.push_key(part);
    std::ranges::transform(key_, key_.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const bool first = names_.back().insert(key_).second;
    key_.clear();
    return first || refuse("two members of one name", ec);
  }
  bool on_string_part(json::string_view part, std::size_t, code&) {
    values_.push_chars(part);
    return true;
  }
  bool on_string(json::string_view part, std::size_t, code&) {
    values_.push_string(part);
    return true;
  }
  bool on_number_part(json::string_view, code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, code&) {
    values_.push_int64(number);
    return true;
  }
  bool on_uint64(std::uint64_t number, json::string_view, code&) {
    values_.push_uint64(number);
    return true;
  }
  bool on_double(double, json::string_view, code& ec) { return refuse("a number that is no integer", ec); }
  bool on_bool(bool value, code&) {
    values_.push_bool(value);
    return true;
  }
  bool on_null(code&) {
    values_.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, code&) { return true; }
  bool on_comment(json::string_view, code&) { return true; }

  [[nodiscard]] std::string_view refused() const noexcept { return refused_; }
  [[nodiscard]] json::value release() { return values_.release(); }

private:
  bool refuse(std::string_view why, code& ec) {
    refused_ = why;
    ec = json::error::syntax;
    return false;
  }

  json::value_stack values_;
  std::vector<std::set<std::string, std::less<>>> names_;
  std::string key_;
  std::string_view refused_;
};

}  // namespace

result<json::object> parse_strict_object(std::string_view text) {
  json::parse_options options;
  options.max_depth = deepest;
  json::basic_parser<strict_handler> parser{options};
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (!parser.handler().refused().empty())
    return fail(condition::bad_input, "the JSON has " + std::string{parser.handler().refused()});
  if (ec) return fail(condition::bad_input, "not JSON: " + ec.message());
  if (used != text.size()) return fail(condition::bad_input, "bytes behind the JSON object");
  json::value value = parser.handler().release();
  if (!value.is_object()) return fail(condition::bad_input, "the JSON is no object");
  return std::move(value.get_object());
}

bool only_members(const json::object& object, std::initializer_list<std::string_view> known) {
  return std::ranges::all_of(object, [&](const auto& member) {
    return std::ranges::find(known, std::string_view{member.key().data(), member.key().size()}) != known.end();
  });
}

const json::string* string_member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr ? value->if_string() : nullptr;
}

}  // namespace sealring::agent::policy
