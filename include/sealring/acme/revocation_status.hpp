// Whether one's own certificate is still good: its CRLs (RFC 5280 section 5), fetched where it says.
#pragma once

#include "sealring/acme/http.hpp"
#include "sealring/x509/crl.hpp"

namespace sealring::inline v0::acme {

/// What check_revocation has found.
struct revocation_status {
  /// What the lists say.
  enum class verdict : std::uint8_t {
    good,     ///< a list that speaks for the certificate does not have it
    revoked,  ///< one has it
    unknown,  ///< none speaks for it: `why` says what each lacks
  };

  verdict is = verdict::unknown;
  x509::revocation revocation{};  ///< of one that is revoked: since when, and for which reason
  std::string why{};              ///< one line; troubles with the lists before the one that tells, too
};

/// How lists are fetched.
struct revocation_check_options {
  std::string user_agent = std::string{"sealring/"} + version;
  std::chrono::seconds timeout{30};             ///< for one list with all its redirections
  std::size_t largest = std::size_t{20} << 20;  ///< octets of a list
};

namespace detail {

inline constexpr int crl_redirect_limit = 3;

/// A list proves itself by its signature: it comes by http as well as by https, and from wherever the CA points.
template <http::client Http>
result<std::string> fetch_crl(Http& http, std::string url, const revocation_check_options& options) {
  const auto deadline = http::clock::now() + options.timeout;
  for (int redirections = 0; redirections <= crl_redirect_limit; ++redirections) {
    auto response = http.perform(
        {.url = url, .user_agent = options.user_agent, .max_body = options.largest, .deadline = deadline, .plain = true});
    if (!response) return response.error();
    if (response->status == 200) return std::move(response->body);
    const std::string location{response->header_value("Location")};
    if (response->status < 300 || response->status > 399 || location.empty())
      return failure{make_error_code(errc::transport), url + ": HTTP status " + std::to_string(response->status)};
    url = http::resolve(url, location);
    if (!url.starts_with("http://") && !url.starts_with("https://")) break;
  }
  return failure{make_error_code(errc::bad_redirect), url + ": the redirection to it is not followed"};
}

}  // namespace detail

/// Asks each of certificate::crl_urls() until one list tells. Blocks, as `http` does. `issuer` is the next certificate in the
/// chain. An old list, one of another scope, or by another hand is "unknown" and never "good".
template <http::client Http>
[[nodiscard]] revocation_status check_revocation(Http& http, const x509::certificate& certificate,
                                                 const x509::certificate& issuer, x509::time_point now,
                                                 const revocation_check_options& options = {}) {
  using enum revocation_status::verdict;
  if (!certificate.issued_by(issuer)) return {.why = "the certificate is not of this issuer"};
  revocation_status status;
  const auto note = [&status](const std::string& trouble) { status.why += (status.why.empty() ? "" : "; ") + trouble; };
  for (const std::string& url : certificate.crl_urls()) {
    const auto body = detail::fetch_crl(http, url, options);
    if (!body) {
      note(body.error().what);
      continue;
    }
    const auto list = x509::crl::read(as_bytes(*body), options.largest);
    const auto found = list ? x509::look_up(certificate, issuer, *list, now) : list.error();
    if (!found) {
      note(url + ": " + found.error().message());
      continue;
    }
    status.is = *found ? revoked : good;
    status.revocation = found->value_or(x509::revocation{});
    return status;
  }
  if (status.why.empty()) status.why = "the certificate names no CRL";
  return status;
}

}  // namespace sealring::inline v0::acme
