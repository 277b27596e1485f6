#include "agent/control/members.hpp"

#include "agent/text.hpp"

namespace sealring::agent::control {

std::string members::text(std::string_view name) {
  auto found = maybe_text(name);
  if (!found) wrong(name, "is missing; give a text");
  return std::move(found).value_or(std::string());
}

std::optional<std::string> members::maybe_text(std::string_view name) {
  const json::value* const value = from_.if_contains(name);
  if (!value) return std::nullopt;
  const json::string* const text = value->if_string();
  if (text && !text->empty()) return std::string(*text);
  wrong(name, "must be a text that is not empty");
  return std::string();
}

bool members::flag(std::string_view name) {
  const json::value* const value = from_.if_contains(name);
  if (!value) return false;
  if (const bool* const flag = value->if_bool()) return *flag;
  wrong(name, "must be true or false");
  return false;
}

std::optional<std::uint64_t> members::maybe_number(std::string_view name) {
  const json::value* const value = from_.if_contains(name);
  if (!value) return std::nullopt;
  if (const auto* const number = value->if_int64(); number && *number >= 0) return static_cast<std::uint64_t>(*number);
  wrong(name, "must be a whole number that is not negative");
  return 0;
}

std::vector<std::string> members::texts(std::string_view name) {
  std::vector<std::string> out;
  const json::value* const value = from_.if_contains(name);
  if (!value) return out;
  const json::array* const array = value->if_array();
  if (!array) wrong(name, "must be an array of texts");
  for (const json::value& element : array ? *array : json::array()) {
    const json::string* const text = element.if_string();
    if (!text || text->empty()) wrong(name, "must be an array of texts, none of them empty");
    else out.emplace_back(*text);
  }
  return out;
}

result<void> members::done() const {
  if (first_) return *first_;
  return {};
}

void members::wrong(std::string_view name, std::string_view wanted) {
  if (!first_) first_ = fail(condition::bad_input, quote(name) + " " + std::string(wanted));
}

}  // namespace sealring::agent::control
