#include "agent/keeper/audit/journal.hpp"

#include <array>

#include <syslog.h>
#include <unistd.h>

#ifdef SEALRING_HAVE_JOURNAL
#include <systemd/sd-journal.h>
#endif

namespace sealring::agent::audit {
namespace {

// Both libraries call it a success when nobody listens: we look whether somebody does.
bool listens(const char* socket) { return ::access(socket, W_OK) == 0; }

#ifdef SEALRING_HAVE_JOURNAL
// Nothing where there is no journal.
std::optional<result<void>> to_journal(const record& r, std::string_view line) {
  if (!listens("/run/systemd/journal/socket")) return std::nullopt;
  const auto& c = std::get<checkpoint>(r.what);
  const std::string fields[] = {"MESSAGE=" + std::string{line},
                                "PRIORITY=" + std::to_string(LOG_NOTICE),
                                "SYSLOG_IDENTIFIER=sealring",
                                "SEALRING_AUDIT_LOG=" + c.log,
                                "SEALRING_AUDIT_SEQUENCE=" + std::to_string(r.sequence),
                                "SEALRING_AUDIT_HASH=" + r.hash};
  std::array<iovec, std::size(fields)> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i] = {const_cast<char*>(fields[i].data()), fields[i].size()};
  const int sent = sd_journal_sendv(parts.data(), static_cast<int>(parts.size()));
  if (sent < 0)
    return system_failure(-sent, "cannot anchor audit checkpoint " + std::to_string(r.sequence) + " in the journal");
  return result<void>{};
}
#else
std::optional<result<void>> to_journal(const record&, std::string_view) { return std::nullopt; }
#endif

}  // namespace

anchor journal_anchor() {
  return [](std::string_view line) -> result<void> {
    const auto r = decode(line);
    if (!r || !std::holds_alternative<checkpoint>(r->what)) return fail(condition::bad_input, "not an audit checkpoint");
    if (auto kept = to_journal(*r, line)) return *std::move(kept);
    if (!listens("/dev/log"))
      return fail(condition::operator_needed,
                  "audit checkpoint " + std::to_string(r->sequence) +
                      " has no anchor outside the token: neither systemd-journald nor syslog listens");
    ::syslog(LOG_AUTHPRIV | LOG_NOTICE, "%.*s", static_cast<int>(line.size()), line.data());
    return {};
  };
}

}  // namespace sealring::agent::audit
