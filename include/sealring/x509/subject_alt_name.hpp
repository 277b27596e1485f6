// subjectAltName (RFC 5280 section 4.2.1.6): names of every kind that a certificate can be asked for, to DER and back.
#pragma once

#include "sealring/detail/openssl.hpp"
#include "sealring/x509/identifier.hpp"

namespace sealring::inline v0::x509 {

/// What a subjectAltName holds, each kind in the order it has there. What was read is a stranger's word: it may be no name at
/// all.
struct subject_alt_names {
  std::vector<identifier> identifiers{};
  std::vector<std::string> emails{};
  std::vector<std::string> uris{};
  std::size_t others = 0;  ///< how many names are of other kinds (directory names, for example)

  friend bool operator==(const subject_alt_names&, const subject_alt_names&) = default;
};

namespace detail {

subject_alt_names read_names(const GENERAL_NAMES* list);

/// GeneralNames, DER: empty where there is no name. errc::bad_name where one is not what its kind demands.
result<bytes> general_names_der(std::span<const identifier> identifiers, std::span<const std::string> emails,
                                std::span<const std::string> uris);

}  // namespace detail

}  // namespace sealring::inline v0::x509

#ifndef SEALRING_COMPILED
#include "sealring/x509/impl/subject_alt_name.ipp"
#endif
