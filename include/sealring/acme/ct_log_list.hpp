// The CT logs that browsers know, from a list in JSON as they publish it (version 3): for x509::verify_scts.
#pragma once

#include "sealring/acme/problem.hpp"
#include "sealring/acme/timestamp.hpp"
#include "sealring/base64url.hpp"
#include "sealring/x509/sct.hpp"

namespace sealring::inline v0::acme {

/// What read_ct_log_list makes of a list.
struct ct_log_list {
  std::vector<x509::ct_log> logs{};     ///< without those that were rejected
  std::vector<std::string> mistakes{};  ///< "PLACE: what is wrong" with an entry, which then is left out
};

namespace detail {

/// "line:column" of an octet, as editors count.
std::string place_of(std::string_view text, std::size_t at);

/// RFC 4648 section 4; empty for what is not.
bytes from_base64(std::string text);

bool is_public_key(const bytes& spki);

class ct_log_list_reader {
public:
  ct_log_list read;

  void operators(const json::array& all);

private:
  void logs(const json::object& op, const char* kind, const std::string& where);

  void log(const json::value& value, const std::string& where);

  /// Whether the log was rejected; nothing where there is a mistake. A log without a state counts.
  std::optional<bool> read_state(const json::object& entry, const std::string& where, x509::ct_log& log);

  void mistake(const std::string& where, const std::string& what) { read.mistakes.push_back(where + ": " + what); }
};

}  // namespace detail

/// errc::bad_json for what is no such list at all; `what` begins with its LINE:COLUMN. One entry's mistake costs that entry
/// alone.
[[nodiscard]] result<ct_log_list> read_ct_log_list(std::string_view text);

}  // namespace sealring::inline v0::acme

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/ct_log_list.ipp"
#endif
