// The CT logs that browsers know, from a list in JSON as they publish it (version 3): for x509::verify_scts.
#pragma once

#include "sealring/acme/problem.hpp"
#include "sealring/x509/sct.hpp"

namespace sealring::inline v0::acme {

/// What read_ct_log_list makes of a list.
struct ct_log_list {
  std::vector<x509::ct_log> logs{};     ///< without those that were rejected
  std::vector<std::string> mistakes{};  ///< "PLACE: what is wrong" with an entry, which then is left out
};

/// errc::bad_json for what is no such list at all; `what` begins with its LINE:COLUMN. One entry's mistake costs that entry
/// alone.
[[nodiscard]] result<ct_log_list> read_ct_log_list(std::string_view text);

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/ct_log_list.ipp"
#endif
