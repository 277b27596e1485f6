// The PKCS#11 types, as p11-kit gives them, without the macros that its header forgets to take back; and their padded text.
#pragma once

#include "sealring/bytes.hpp"

#include <p11-kit/pkcs11.h>

#undef aad_len
#undef aad_ptr
#undef ck_rsa_pkcs_mgf_type_t
#undef ck_rsa_pkcs_oaep_source_type_t
#undef counter_bits
#undef data_params
#undef hash_alg
#undef iv_bits
#undef iv_len
#undef iv_ptr
#undef public_data
#undef public_data_len
#undef s_len
#undef shared_data
#undef shared_data_len
#undef source_data
#undef source_data_len
#undef string_data
#undef string_data_len
#undef tag_bits

namespace sealring::inline v0::hsm {

/// PKCS#11 pads text with blanks to the length of its field; some modules pad with zeros.
inline std::string trimmed(bytes_view text) {
  std::string out{as_text(text)};
  out.erase(out.find_last_not_of(std::string_view{" \0", 2}) + 1);
  return out;
}

}  // namespace sealring::inline v0::hsm
