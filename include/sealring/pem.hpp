// PEM (RFC 7468): labelled base64 blocks in and out.
#pragma once

#include "sealring/bytes.hpp"
#include "sealring/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sealring::inline v0 {

/// One block, 64 characters a line.
[[nodiscard]] std::string to_pem(const std::string& label, bytes_view der);

/// Every block with this label, in order. errc::bad_pem if there is none or one is damaged.
[[nodiscard]] result<std::vector<bytes>> from_pem(const std::string& label, std::string_view text);

}  // namespace sealring::inline v0

#ifndef SEALRING_COMPILED
#include "sealring/impl/pem.ipp"
#endif
