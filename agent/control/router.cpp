#include "agent/control/router.hpp"

#include "agent/text.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace sealring::agent::control {

namespace {

// Nothing that we take is nested deeper.
constexpr std::size_t deepest = 8;

// The next part between slashes, taken off `rest`; "/a//b" has an empty one.
std::string_view take_part(std::string_view& rest) {
  rest.remove_prefix(1);
  const auto part = rest.substr(0, rest.find('/'));
  rest.remove_prefix(part.size());
  return part;
}

bool matches(std::string_view pattern, std::string_view path, request& into) {
  into.places.clear();
  while (pattern.starts_with('/') && path.starts_with('/')) {
    const auto wanted = take_part(pattern);
    const auto given = take_part(path);
    if (!wanted.starts_with('{')) {
      if (wanted != given) return false;
    } else if (given.empty()) {
      return false;
    } else {
      into.places.emplace(wanted.substr(1, wanted.size() - 2), given);
    }
  }
  return pattern.empty() && path.empty();
}

}  // namespace

void router::add(route r) { routes_.push_back(std::move(r)); }

basic_result<const route*, reply> router::find(request& asked) const {
  std::string allow;
  for (const route& one : routes_) {
    if (!matches(one.path, asked.path, asked)) continue;
    if (one.method == asked.method) return &one;
    allow += (allow.empty() ? "" : ", ") + one.method;
  }
  if (!allow.empty()) {
    return reply{405, problem(405, "no such method", quote(asked.path) + " takes " + allow), allow};
  }
  json::array all;
  for (const route& one : routes_) all.emplace_back(one.method + " " + one.path);
  auto document = problem(404, "not found", "there is no " + quote(asked.path) + "; \"routes\" are those there are");
  document["routes"] = std::move(all);
  return reply{404, std::move(document), {}};
}

result<json::object> parse_body(std::string_view text) {
  if (text.empty()) return json::object();
  json::parse_options strict;
  strict.max_depth = deepest;
  boost::system::error_code error;
  auto value = json::parse(text, error, {}, strict);
  if (error) return fail(condition::bad_input, "the body is no JSON: " + error.message());
  json::object* const object = value.if_object();
  if (!object) return fail(condition::bad_input, "the body must be a JSON object");
  return std::move(*object);
}

result<void> check_taken(const route& r, const request& asked) {
  const bool in_query = !r.changes();
  const std::vector<std::string_view> known(r.takes.begin(), r.takes.end());
  for (const auto* const part : {&asked.body, &asked.query}) {
    const bool may_be = (part == &asked.query) == in_query;
    for (const auto& member : *part) {
      const std::string_view name = member.key();
      if (may_be && std::ranges::find(known, name) != known.end()) continue;
      const auto meant = may_be ? nearest(name, known) : std::string_view();
      return fail(condition::bad_input, r.method + " " + r.path + " takes no " + quote(name) + (may_be ? "" : " there") +
                                            (meant.empty() ? "" : "; did you mean " + quote(meant) + "?"));
    }
  }
  return {};
}

}  // namespace sealring::agent::control
