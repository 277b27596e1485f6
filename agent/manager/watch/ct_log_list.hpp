// The CT logs that browsers know, from a file of the operator's.
#pragma once

#include "agent/failure.hpp"
#include "sealring/acme/ct_log_list.hpp"

namespace sealring::agent {

using acme::ct_log_list;

/// `file` is what messages call it, those in ct_log_list::mistakes too. condition::bad_input for what is no such list at all.
[[nodiscard]] result<ct_log_list> parse_ct_log_list(std::string_view json, const std::string& file);

}  // namespace sealring::agent
