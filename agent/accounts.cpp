#include "agent/accounts.hpp"

#include "agent/text.hpp"

#include <grp.h>
#include <pwd.h>

#include <charconv>

namespace sealring::agent {

namespace {

std::optional<id_t> number(std::string_view text) {
  id_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

result<account_name> find_account(const std::string& text) {
  const bool group = text.starts_with('%');
  const std::string name = text.substr(group ? 1 : 0);
  const auto kind = group ? account_name::kind::group : account_name::kind::user;
  if (const auto id = number(name)) return account_name{kind, *id};
  if (group) {
    if (const ::group* found = ::getgrnam(name.c_str())) return account_name{kind, found->gr_gid};
  } else if (const passwd* found = ::getpwnam(name.c_str())) {
    return account_name{kind, found->pw_uid};
  }
  return fail(condition::bad_input, "there is no " + std::string{group ? "group " : "user "} + quote(name) +
                                        "; name one, or its number (\"%\" before a group's)");
}

result<std::set<uid_t>> operators_of(const config& c, uid_t owner) {
  std::set<uid_t> operators{owner};
  for (const std::string& text : c.agent.operators) {
    const auto one = find_account(text);
    if (!one) return failure{one.error().code, "[agent] operators: " + one.error().what};
    if (one->what == account_name::kind::group)
      return fail(condition::bad_input, "[agent] operators names a group; name users");
    operators.insert(one->id);
  }
  return operators;
}

}  // namespace sealring::agent
