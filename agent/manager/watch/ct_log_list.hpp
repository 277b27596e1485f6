// The CT logs that browsers know, from a list in JSON as browsers publish it (version 3).
#pragma once

#include "agent/failure.hpp"
#include "sealring/x509/sct.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sealring::agent {

struct ct_log_list {
  std::vector<x509::ct_log> logs{};     ///< without those that were rejected
  std::vector<std::string> mistakes{};  ///< FILE: PLACE: what is wrong with an entry, which then is left out
};

/// `file` is what messages call it. condition::bad_input for what is no such list at all.
[[nodiscard]] result<ct_log_list> parse_ct_log_list(std::string_view json, const std::string& file);

}  // namespace sealring::agent
