#include "agent/manager/live_leaf.hpp"

#include "agent/file.hpp"
#include "agent/manager/live.hpp"
#include "agent/text.hpp"
#include "sealring/acme/renewal_info.hpp"

namespace sealring::agent {

bool is_live(const config& c, const certificate& held) { return shows(c.state.live, held.name, held.serial); }

result<x509::certificate> live_leaf(const config& c, const certificate& held) {
  const auto file = c.state.live / held.name / "cert.pem";
  const auto pem = read_file(file);
  if (!pem) return pem.error();
  auto chain = x509::read_certificates(*pem);
  if (!chain) return fail(chain.error(), file.string());
  if (chain->front().serial() != held.serial)
    return fail(condition::operator_needed, quote(file.string()) + " is not the certificate of serial " + held.serial +
                                                "; 'sealring issue --force --name " + held.name + "' obtains another");
  return std::move(chain->front());
}

std::string certificate_id_of(const config& c, const certificate& held) {
  const auto leaf = live_leaf(c, held);
  return leaf ? acme::certificate_id(*leaf) : std::string{};
}

}  // namespace sealring::agent
