#include "agent/keeper/audit/journal.hpp"

#include "agent/supervisor/descriptor.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sealring::agent::audit {
namespace {

constexpr char journal_socket[] = "/run/systemd/journal/socket";

// syslog(3) calls it a success when nobody listens: we look whether somebody does.
bool listens(const char* socket) { return ::access(socket, W_OK) == 0; }

// https://systemd.io/JOURNAL_NATIVE_PROTOCOL: the field's name, a newline, the value's length in 64 bits, little-endian, the
// value, and a newline. libsystemd would do it, with five libraries more in the process that has the PIN.
void add_field(std::string& entry, std::string_view field, std::string_view value) {
  entry.append(field).push_back('\n');
  for (int byte = 0; byte < 8; ++byte)
    entry.push_back(static_cast<char>(static_cast<std::uint64_t>(value.size()) >> 8 * byte & 0xff));
  entry.append(value).push_back('\n');
}

result<void> to_journal(const record& r, std::string_view line) {
  std::string entry;
  add_field(entry, "MESSAGE", line);
  add_field(entry, "PRIORITY", std::to_string(LOG_NOTICE));
  add_field(entry, "SYSLOG_IDENTIFIER", "sealring");
  add_field(entry, "SEALRING_AUDIT_LOG", std::get<checkpoint>(r.what).log);
  add_field(entry, "SEALRING_AUDIT_SEQUENCE", std::to_string(r.sequence));
  add_field(entry, "SEALRING_AUDIT_HASH", r.hash);
  const descriptor socket{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::memcpy(to.sun_path, journal_socket, sizeof journal_socket);
  if (!socket ||
      ::sendto(socket.get(), entry.data(), entry.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&to), sizeof to) < 0)
    return system_failure(errno, "cannot anchor audit checkpoint " + std::to_string(r.sequence) + " in the journal");
  return {};
}

}  // namespace

anchor journal_anchor() {
  return [](std::string_view line) -> result<void> {
    const auto r = decode(line);
    if (!r || !std::holds_alternative<checkpoint>(r->what)) return fail(condition::bad_input, "not an audit checkpoint");
    if (listens(journal_socket)) return to_journal(*r, line);
    if (!listens("/dev/log"))
      return fail(condition::operator_needed,
                  "audit checkpoint " + std::to_string(r->sequence) +
                      " has no anchor outside the token: neither systemd-journald nor syslog listens");
    ::syslog(LOG_AUTHPRIV | LOG_NOTICE, "%.*s", static_cast<int>(line.size()), line.data());
    return {};
  };
}

}  // namespace sealring::agent::audit
