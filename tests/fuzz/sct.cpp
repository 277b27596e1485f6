// The value of a certificate's SCT extension: what is taken is the only encoding of what was read, and none of it is valid,
// since the log's key never signed anything.
#include "sealring/x509/sct.hpp"

#include <algorithm>
#include <cstdlib>

using namespace sealring;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

/// A certificate with this extension, and little else.
detail::x509 with_scts(bytes_view value) {
  detail::x509 certificate{X509_new()};
  const detail::owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> content{ASN1_OCTET_STRING_new()};
  ASN1_OCTET_STRING_set(content.get(), value.data(), static_cast<int>(value.size()));
  const detail::x509_extension one{X509_EXTENSION_create_by_NID(nullptr, NID_ct_precert_scts, 0, content.get())};
  demand(X509_add_ext(certificate.get(), one.get(), -1) == 1);
  return certificate;
}

const x509::ct_log& log() {
  static const x509::ct_log one = [] {
    const detail::evp_pkey key{EVP_EC_gen("P-256")};
    return x509::ct_log{"log", detail::to_der<i2d_PUBKEY>(key.get()), {}};
  }();
  return one;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto certificate = with_scts({data, size});
  const auto list = x509::detail::embedded_scts(certificate.get());
  demand(ERR_peek_error() == 0);
  if (!list) return 0;
  demand(*list != nullptr);
  std::size_t octets = 0;
  for (int i = 0; i < sk_SCT_num(list->get()); ++i) {
    SCT* sct = sk_SCT_value(list->get(), i);
    const auto judged = x509::detail::judge(sct, {}, {&log(), 1}, x509::milliseconds_point::max());
    // The fuzzer sees what is compared, and so finds the log's name; its signature it does not.
    const bool version_1 = judged.verdict != x509::sct_verdict::unknown_version;
    demand(!version_1 || judged.verdict == x509::sct_verdict::unknown_log ||
           judged.verdict == x509::sct_verdict::bad_signature);
    // And as if it were that log's:
    const auto text = x509::detail::signed_by_log(sct, {});
    if (version_1) demand(!x509::detail::signed_with(log(), sct, text));
    octets += text.size();
    demand(judged.log_id.size() == 64 || !version_1);
  }
  demand(octets <= 20 * size);
  demand(ERR_peek_error() == 0);
  return 0;
}
