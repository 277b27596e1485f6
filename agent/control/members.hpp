// Reading the members of a request's body: each has one type, and the failure says which.
//
//   members in(request.body);
//   const auto name = in.text("name");       // required
//   const bool force = in.flag("force");     // false if absent
//   if (auto read = in.done(); !read) return read.error();
//
// That no others are there the router has seen to: route::takes.
#pragma once

#include "agent/control/message.hpp"

#include <optional>
#include <vector>

namespace sealring::agent::control {

class members {
public:
  explicit members(const json::object& from) : from_(from) {}

  /// Required: not empty.
  [[nodiscard]] std::string text(std::string_view name);
  [[nodiscard]] std::optional<std::string> maybe_text(std::string_view name);
  [[nodiscard]] bool flag(std::string_view name);
  /// Not negative.
  [[nodiscard]] std::optional<std::uint64_t> maybe_number(std::string_view name);
  /// An array of texts, none of them empty; empty if absent.
  [[nodiscard]] std::vector<std::string> texts(std::string_view name);

  /// condition::bad_input with the first thing that was wrong.
  [[nodiscard]] result<void> done() const;

private:
  void wrong(std::string_view name, std::string_view wanted);
  const json::object& from_;
  std::optional<failure> first_;
};

}  // namespace sealring::agent::control
