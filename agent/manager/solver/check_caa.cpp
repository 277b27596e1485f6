#include "agent/manager/solver/check_caa.hpp"

#include "agent/text.hpp"

namespace sealring::agent {
namespace {

std::vector<acme::caa_record> records_in(const dns_answer& answer) {
  std::vector<acme::caa_record> found;
  for (const auto& r : answer.answer)
    if (r.type == dns_type::caa) found.push_back(r.caa);
  return found;
}

// CAA(X) of RFC 8659 section 3: aliases are followed, which most resolvers have done for us.
result<std::vector<acme::caa_record>> records_at(const std::string& name, const dns_asker& ask) {
  const auto answer = ask(name, dns_type::caa);
  if (!answer) return answer.error();
  if (auto found = records_in(*answer); !found.empty() || answer->texts(dns_type::cname).empty()) return found;
  const auto target = follow_cnames(name, ask);
  if (!target) return target.error();
  const auto there = ask(*target, dns_type::caa);
  if (!there) return there.error();
  return records_in(*there);
}

}  // namespace

result<void> check_caa(const dns_asker& ask, const identifier& id, const acme::caa_question& question, const note& log) {
  if (id.kind == identifier::type::ip) return {};
  for (const std::string& here : acme::caa_names(id.value)) {
    const auto records = records_at(here, ask);
    if (!records) {
      if (log) log("CAA for " + id.value + ": " + records.error().what + "; going on, for the CA may see more");
      return {};
    }
    if (records->empty()) continue;
    const auto verdict = acme::check_caa(*records, question);
    if (verdict) return {};
    // A CA whose directory has no names (RFC 8555 section 7.1.1) may be a private one, which need not ask.
    if (question.identities.empty()) {
      if (log)
        log("CAA at " + quote(here) + ": " + verdict.error().what + "; going on, for this CA does not say that it asks CAA");
      return {};
    }
    return fail(condition::operator_needed, "CAA at " + quote(here) + " forbids a certificate for " +
                                                quote((question.wildcard ? "*." : "") + id.value) + ": " +
                                                verdict.error().what);
  }
  return {};
}

result<void> check_caa(const config& c, const identifier& id, bool wildcard, std::span<const std::string> caa_identities,
                       const std::string& account_url, challenge_type type, const note& log) {
  if (id.kind == identifier::type::ip) return {};
  const auto lookup = dns_lookup::make(c.dns, c.dns01.server);
  if (!lookup) return lookup.error();
  return check_caa(lookup->asker(), id, {caa_identities, account_url, std::string(to_string(type)), wildcard}, log);
}

}  // namespace sealring::agent
