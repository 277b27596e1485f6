#include "agent/supervisor/environment.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <unistd.h>

namespace sealring::agent {
namespace {

constexpr std::array<std::string_view, 8> always_passed{"PATH",          "LANG",         "LANGUAGE", "TZ",
                                                        "SSL_CERT_FILE", "SSL_CERT_DIR", "TERM",     "CREDENTIALS_DIRECTORY"};

// OPENSSL_CONF could lead libcrypto, and with it the module, back to ourselves; NOTIFY_SOCKET and LISTEN_* are the
// supervisor's.
constexpr std::array<std::string_view, 12> never_passed{"OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES", "NOTIFY_SOCKET",
                                                        "LISTEN_FDS",   "LISTEN_PID",      "LISTEN_FDNAMES",  "WATCHDOG_USEC",
                                                        "WATCHDOG_PID", "GLIBC_TUNABLES",  "GCONV_PATH",      "MAINPID"};

std::string_view name_of(std::string_view variable) { return variable.substr(0, variable.find('=')); }

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::vector<std::string> role_environment(const std::vector<std::string>& caller, bool one_user,
                                          const std::vector<std::string>& more) {
  std::vector<std::string> out;
  for (const auto& variable : caller) {
    const auto name = name_of(variable);
    if (name.starts_with("LD_") || among(never_passed, name)) continue;
    if (!one_user && !among(always_passed, name) && !name.starts_with("LC_")) continue;
    out.push_back(variable);
  }
  for (const auto& variable : more) {
    std::erase_if(out, [&](const auto& old) { return name_of(old) == name_of(variable); });
    out.push_back(variable);
  }
  return out;
}

std::vector<std::string> own_environment() {
  std::vector<std::string> out;
  for (char** variable = environ; variable && *variable; ++variable) out.emplace_back(*variable);
  return out;
}

}  // namespace sealring::agent
