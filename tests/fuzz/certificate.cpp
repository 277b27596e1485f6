// A certificate in DER, or certificates in PEM, as a CA may send them: each member is read.
#include "sealring/x509/certificate.hpp"

#include <cstdlib>

using namespace sealring;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void check(const x509::certificate& c) {
  const auto names = c.names();
  demand(std::ranges::is_sorted(names));
  for (const identifier& name : names) demand(name.kind == identifier::type::dns || parse_identifier(name.value).has_value());
  demand(c.serial().size() % 2 == 0);
  for (const auto& url : c.crl_urls()) demand(url.starts_with("http") && url.find_first_of(" \r\n") == url.npos);
  demand(c.spki_sha256().size() == 64);
  demand(!c.issued_by(c) || c.issuer() == c.subject());
  static_cast<void>(c.authority_key_id());
  static_cast<void>(c.issuer_common_name());
  static_cast<void>(c.subject_common_name());
  static_cast<void>(c.not_after() - c.not_before());
  if (const auto key = from_spki(c.spki())) static_cast<void>(c.certifies(*key));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bytes_view input{data, size};
  if (const auto one = x509::certificate::from_der(input)) check(*one);
  demand(ERR_peek_error() == 0);
  if (const auto all = x509::read_certificates(as_text(input))) {
    for (const x509::certificate& c : *all) check(c);
    const auto ordered = x509::put_in_order(*all);
    demand(ordered.size() == all->size() && ordered.front().der() == all->front().der());
  }
  demand(ERR_peek_error() == 0);
  return 0;
}
