#include "agent/manager/foreign_hosts.hpp"

#include "agent/keeper/policy/origin.hpp"
#include "agent/text.hpp"

#include <algorithm>

namespace sealring::agent {

result<void> check_hosts(const config& c, const acme::directory& d) {
  std::vector<std::string> known, foreign;
  for (const std::string& url : c.ca.origins)
    if (auto origin = policy::origin_of(url)) known.push_back(*std::move(origin));
  if (auto origin = policy::origin_of(c.ca.directory)) known.push_back(*std::move(origin));
  for (const std::string* url : {&d.new_account, &d.new_order, &d.new_authz, &d.revoke_cert, &d.key_change}) {
    if (url->empty()) continue;
    auto origin = policy::origin_of(*url);
    if (!origin) return fail(origin.error().code, "the CA's directory: " + origin.error().what);
    const auto is_it = [&](const std::string& one) { return one == *origin; };
    if (std::ranges::none_of(known, is_it) && std::ranges::none_of(foreign, is_it)) foreign.push_back(*std::move(origin));
  }
  if (foreign.empty()) return {};
  std::string hosts, line;
  for (const std::string& origin : foreign) (hosts += hosts.empty() ? "" : ", ") += origin;
  for (const std::string& origin : c.ca.origins) (line += quote(origin)) += ", ";
  for (const std::string& origin : foreign) (line += quote(origin)) += &origin != &foreign.back() ? ", " : "";
  return fail(condition::operator_needed, "the CA at " + c.ca.directory + " wants its requests at " + hosts +
                                              "; if you trust that, set origins = [" + line + "] under [ca] in " +
                                              c.file.string());
}

}  // namespace sealring::agent
