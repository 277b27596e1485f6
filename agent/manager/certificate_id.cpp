#include "agent/file.hpp"
#include "agent/manager/issuer.hpp"
#include "sealring/acme/renewal_info.hpp"

namespace sealring::agent {

std::string certificate_id_of(const config& c, const certificate& held) {
  const auto pem = read_file(c.state.live / held.name / "cert.pem");
  const auto chain = pem ? x509::read_certificates(*pem) : fail(errc::bad_pem);
  if (!chain || chain->front().serial() != held.serial) return {};
  return acme::certificate_id(chain->front());
}

}  // namespace sealring::agent
