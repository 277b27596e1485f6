// expect: constraints not satisfied
#include "sealring/software_key.hpp"
#include "sealring/x509/csr.hpp"

namespace csr_without_signature {

#ifdef BAD
using key_type = sealring::es256::public_key;  // a public key cannot ask for a certificate
#else
using key_type = sealring::software_key<sealring::es256>;
#endif

auto f(const key_type& key, std::span<const sealring::identifier> names) { return sealring::x509::make_csr(key, names); }

}  // namespace csr_without_signature
