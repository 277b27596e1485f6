// Certification requests as a CA may be sent them: what is read is written again the same, and then read the same.
#include "sealring/x509/certification_request.hpp"
#include "sealring/x509/csr.hpp"

#include <cstdlib>

using namespace sealring;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

/// Where our own rules allow the request, it is one that we could have made.
void ask_again(const x509::certification_request& read) {
  x509::csr_request wish{read.names().identifiers, read.names().emails, read.names().uris, {}, {}};
  for (const x509::extension& e : read.extensions())
    if (e.oid != x509::subject_alt_name_oid) wish.extensions.push_back(e);
  const auto info = x509::csr_info(ed25519_public_key{{2}}, wish);
  if (!info) return;
  const auto again =
      x509::certification_request::from_der(x509::finish_csr(*info, algorithm_id::eddsa, bytes(64, 0xff)).value());
  demand(again.has_value() && again->extensions().size() == wish.extensions.size() + 1);
  demand(again->names().identifiers == wish.names && again->names().emails == wish.emails && again->names().uris == wish.uris);
  demand(std::ranges::equal(std::span{again->extensions()}.subspan(1), wish.extensions));
  demand(again->verify().error() == errc::bad_signature);
}

void check(const x509::certification_request& read) {
  static_cast<void>(read.verify());
  static_cast<void>(read.public_key());
  static_cast<void>(read.subject());
  ask_again(read);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bytes_view input{data, size};
  if (const auto read = x509::certification_request::from_der(input)) check(*read);
  if (const auto read = x509::certification_request::from_pem(as_text(input))) check(*read);
  demand(ERR_peek_error() == 0);
  return 0;
}
