// Members of the control API's answers, as a person reads them.
#pragma once

#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace sealring::agent::cli {

/// The member's text, "a.b" for one of a member; lists with commas between. Empty where there is none.
[[nodiscard]] std::string shown(const boost::json::value&, std::string_view member);
/// An RFC 3339 instant as "2027-02-21 22:15:03 UTC".
[[nodiscard]] std::string shown_time(const boost::json::value&, std::string_view member);

}  // namespace sealring::agent::cli
