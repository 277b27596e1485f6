#include "agent/control/message.hpp"

#include "agent/text.hpp"

namespace sealring::agent::control {

namespace {

struct meaning {
  condition what;
  unsigned status;
  std::string_view title;
};

constexpr meaning meanings[] = {
    {condition::bad_input, 400, "bad input"},
    {condition::denied, 403, "denied"},
    {condition::operator_needed, 409, "needs a person"},
    {condition::unsupported, 422, "cannot be done here"},
    {condition::peer_fault, 502, "the other side is at fault"},
    {condition::retry_later, 503, "try again later"},
};

const meaning& meaning_of(const std::error_code& code) {
  for (const meaning& one : meanings)
    if (code == one.what) return one;
  return meanings[2];  // a code that nobody has classed: only a person can
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* const found = object.if_contains(name);
  const json::string* const text = found ? found->if_string() : nullptr;
  return text ? one_line(*text) : std::string();
}

}  // namespace

json::object problem(unsigned status, std::string_view title, std::string_view detail) {
  return {{"title", title}, {"detail", detail}, {"status", status}};
}

json::object problem(const refusal& r) {
  const meaning& m = meaning_of(r.why.code);
  json::object out = problem(m.status, m.title, r.why.what);
  if (!r.rule.empty()) out["rule"] = r.rule;
  return out;
}

reply to_reply(const answer& a) {
  if (a) return {200, *a, {}};
  return {meaning_of(a.error().why.code).status, problem(a.error()), {}};
}

failure to_failure(const json::value& document) {
  const json::object* const object = document.if_object();
  const json::value* const found = object ? object->if_contains("status") : nullptr;
  const std::int64_t* const status = found ? found->if_int64() : nullptr;
  const std::string detail = object ? text_of(*object, "detail") : std::string();
  if (!status || detail.empty()) return fail(condition::peer_fault, "the agent's answer is neither a result nor a problem");
  const std::string rule = text_of(*object, "rule");
  const std::string what = rule.empty() ? detail : detail + " (rule " + rule + ")";
  for (const meaning& one : meanings)
    if (*status == one.status) return fail(one.what, what);
  return fail(*status < 500 ? condition::bad_input : condition::peer_fault, what);
}

}  // namespace sealring::agent::control
