#pragma once

#include "sealring/acme/issued_certificate.hpp"

#include "sealring/pem.hpp"

#include <algorithm>

namespace sealring::inline v0::acme {

namespace detail {

SEALRING_INLINE result<issued_certificate> check_certificate(const http::response& r, const std::string& url, const order& o,
                                                             const any_public_key& key) {
  const auto mismatch = [&](const std::string& why) {
    return failure{make_error_code(errc::certificate_mismatch), "certificate " + url + ": " + why};
  };
  auto certificates = x509::read_certificates(r.body);
  if (!certificates) return because(certificates.error(), "certificate " + url);
  issued_certificate out{{}, x509::put_in_order(*std::move(certificates)), http::links(r, "alternate")};
  for (std::string& alternate : out.alternates) alternate = http::resolve(url, alternate);
  for (const x509::certificate& c : out.chain) out.pem += to_pem("CERTIFICATE", c.der());
  if (!out.chain.front().certifies(key)) return mismatch("it certifies another key than the one in the CSR");
  std::vector<identifier> wanted = o.identifiers;
  std::erase_if(wanted, [](const identifier& id) { return id.kind == identifier::type::other; });  // the caller's to compare
  std::ranges::sort(wanted);
  wanted.erase(std::ranges::unique(wanted).begin(), wanted.end());
  if (!std::ranges::includes(out.chain.front().names(), wanted)) return mismatch("it lacks a name that was asked for");
  return out;
}

}  // namespace detail

}  // namespace sealring::inline v0::acme
