// The certificate of a record, as the files in live/NAME have it.
#pragma once

#include "agent/config.hpp"
#include "agent/manager/record.hpp"
#include "sealring/x509/certificate.hpp"

namespace sealring::agent {

/// Whether live/NAME shows it. Its files are not read.
[[nodiscard]] bool is_live(const config&, const certificate&);

/// Read from live/NAME. condition::operator_needed where another is there.
[[nodiscard]] result<x509::certificate> live_leaf(const config&, const certificate&);

/// Its name in renewal information (RFC 9773 section 4.1). Empty where it has none, or its files are not there.
[[nodiscard]] std::string certificate_id_of(const config&, const certificate&);

}  // namespace sealring::agent
