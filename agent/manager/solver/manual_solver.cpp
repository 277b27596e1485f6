#include "agent/manager/solver/manual_solver.hpp"

#include "agent/manager/solver/dns_look.hpp"
#include "agent/manager/solver/http_look.hpp"
#include "agent/manager/solver/tls_alpn01_look.hpp"
#include "agent/text.hpp"
#include "sealring/acme/challenge.hpp"
#include "sealring/x509/tls_alpn.hpp"

namespace sealring::agent {
namespace {

result<finding> look_once(const challenge_task& task, const config& c, const dns_lookup& lookup) {
  switch (task.type) {
    case challenge_type::http01: return look_at_resource(lookup, task, {c.http01.port, c.tls_alpn01.port});
    case challenge_type::tls_alpn01: return look_at_handshake(lookup, task, c.tls_alpn01.port);
    case challenge_type::dns01:
    case challenge_type::dns_account01: break;
  }
  const auto place = find_place(task, lookup.asker());
  if (!place) return place.error();
  return look_at_record(lookup, *place, std::chrono::seconds(0));
}

}  // namespace

result<std::string> what_to_make(const challenge_task& task, const config& c, const dns_asker& ask) {
  if (task.type == challenge_type::http01)
    return "serve at " + url_of_resource(task, c.http01.port) + " exactly this body: " + task.key_authorization;
  if (task.type == challenge_type::tls_alpn01) {
    const auto name = x509::tls_alpn_server_name(task.id);
    const auto digest = acme::tls_alpn01_digest(task.key_authorization);
    if (!name || !digest) return fail(name ? digest.error() : name.error(), "cannot prove " + quote(task.id.value));
    return "let the TLS server on port " + std::to_string(c.tls_alpn01.port) + " of " + task.id.value +
           " answer the protocol \"acme-tls/1\" for the server name " + *name +
           " with a self-signed certificate for that name alone, with the critical extension " +
           std::string(acme::tls_alpn01_extension) + " = OCTET STRING " + to_hex(*digest);
  }
  const auto place = find_place(task, ask);
  if (!place) return place.error();
  return "create the record " + place->made + ". IN TXT \"" + place->value + "\"" +
         (place->made == place->name ? "" : " (the CNAME at " + place->name + " leads there)");
}

result<void> manual_solver::present(const challenge_task& task) {
  const auto what = what_to_make(task, settings_, lookup_.asker());
  if (!what) return what.error();
  tell_(task, *what);
  return {};
}

result<void> manual_solver::look(const challenge_task& task) {
  const auto found = look_once(task, settings_, lookup_);
  if (!found) return found.error();
  if (found->seen()) return {};
  const auto what = what_to_make(task, settings_, lookup_.asker());
  if (!what) return what.error();
  return fail(condition::operator_needed, std::string(to_string(task.type)) + " for " + task.id.value +
                                              " is not met yet: " + *what +
                                              "; when it is there, issuance goes on by itself (now: " + found->text + ")");
}

}  // namespace sealring::agent
