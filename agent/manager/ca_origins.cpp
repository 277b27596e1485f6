#include "agent/manager/ca_origins.hpp"

#include "agent/keeper/policy/origin.hpp"
#include "agent/text.hpp"

#include <algorithm>

namespace sealring::agent {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) (out += out.empty() ? "" : ", ") += word;
  return out;
}

}  // namespace

result<ca_origins> origins_of(const acme::directory& d, const ca_section& c) {
  std::vector<std::string> named;
  named.reserve(c.origins.size() + 1);
  auto first = policy::origin_of(c.directory);
  if (!first) return first.error();
  named.push_back(*std::move(first));
  for (const std::string& url : c.origins) {
    auto origin = policy::origin_of(url);
    if (!origin) return origin.error();
    named.push_back(*std::move(origin));
  }
  ca_origins found{d.url == c.directory ? std::string{} : d.url, {}, {}};
  const std::pair<const char*, const std::string&> resources[] = {
      {"newNonce", d.new_nonce},     {"newAccount", d.new_account}, {"newOrder", d.new_order},      {"newAuthz", d.new_authz},
      {"revokeCert", d.revoke_cert}, {"keyChange", d.key_change},   {"renewalInfo", d.renewal_info}};
  for (const auto& [resource, url] : resources) {
    if (url.empty()) continue;  // not offered
    auto origin = policy::origin_of(url);
    if (!origin) return fail(condition::peer_fault, std::string{"the CA's "} + resource + ": " + origin.error().what);
    if (std::ranges::find(named, *origin) != named.end()) continue;
    auto known = std::ranges::find(found.foreign, *origin, &foreign_origin::origin);
    if (known == found.foreign.end()) known = found.foreign.insert(known, {*std::move(origin), {}});
    known->resources.emplace_back(resource);
  }
  std::vector<std::string> all;
  all.reserve(c.origins.size() + found.foreign.size());
  for (const std::string& url : c.origins) all.push_back(quote(url));
  for (const foreign_origin& one : found.foreign) all.push_back(quote(one.origin));
  found.line = "origins = [" + joined(all) + "]";
  return found;
}

result<void> check(const ca_origins& found, const ca_section& c, const std::filesystem::path& file) {
  if (found.foreign.empty()) return {};
  std::string what = "the directory " + c.directory;
  if (!found.redirected_to.empty()) what += ", which leads to " + found.redirected_to + ",";
  what += " sends us to origins that the configuration does not name: ";
  std::vector<std::string> elsewhere;
  elsewhere.reserve(found.foreign.size());
  for (const foreign_origin& one : found.foreign) elsewhere.push_back(one.origin + " (" + joined(one.resources) + ")");
  return fail(condition::operator_needed, what + joined(elsewhere) +
                                              ". If the CA is known to use them, put this under [ca] in " + file.string() +
                                              ": " + found.line);
}

}  // namespace sealring::agent
