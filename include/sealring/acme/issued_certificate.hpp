// Certificates as downloaded (RFC 8555 section 7.4.2): nothing is believed that was not asked for.
#pragma once

#include "sealring/acme/http.hpp"
#include "sealring/acme/order.hpp"
#include "sealring/x509/certificate.hpp"

namespace sealring::inline v0::acme {

/// A certificate chain as downloaded and checked: end entity first.
struct issued_certificate {
  std::string pem;
  std::vector<x509::certificate> chain;
  std::vector<std::string> alternates;  ///< URLs of other chains for it (RFC 8555 section 7.4.2)
};

/// Says whether a chain will do.
template <class P>
concept chain_preference = std::predicate<P&, std::span<const x509::certificate>>;

/// The chain that the CA sends first.
struct any_chain {
  bool operator()(std::span<const x509::certificate>) const noexcept { return true; }
};

namespace detail {

/// Of the alternates that a CA offers, so many are looked at: real ones offer one or two.
inline constexpr std::size_t alternate_limit = 8;

/// The certificate must be for the key and the names that were asked for. Its PEM is written anew: what else the CA's answer
/// may hold does not reach a server's files.
inline result<issued_certificate> check_certificate(const http::response& r, const std::string& url, const order& o,
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
