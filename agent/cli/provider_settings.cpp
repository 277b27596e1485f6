#include "agent/cli/provider_settings.hpp"

#include "agent/client/address.hpp"
#include "agent/text.hpp"

#include <array>

#include <sys/stat.h>
#include <unistd.h>

namespace sealring::agent::cli {
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view head =
    R"(# An openssl.cnf for servers whose keys sealring keeps, printed by "sealring init --openssl-conf".
# Save it as /etc/sealring/openssl.cnf (0644), and name it in the server's environment:
#
#   systemctl edit nginx     [Service]
#                            Environment=OPENSSL_CONF=/etc/sealring/openssl.cnf
#
# nginx        also wants `env OPENSSL_CONF;` in nginx.conf, or a binary upgrade (USR2) loses it.
# PostgreSQL   (Debian's) takes it from /etc/postgresql/VERSION/CLUSTER/environment.
# Node.js      reads its own section: nodejs_conf, below.
# A program with file capabilities or set-uid ignores OPENSSL_CONF. For such a one put what is below into the system's own
# openssl.cnf, which then counts for every program.
.include /etc/ssl/openssl.cnf

[default]
openssl_conf = openssl_init
nodejs_conf = openssl_init

[openssl_init]
providers = sealring_providers

# The order matters: OpenSSL asks the first one for the keys of each handshake, and ours makes none.
# Providers that the system's file loads are not loaded by this one: add them here.
[sealring_providers]
default = sealring_software
sealring = sealring_keys

[sealring_software]
activate = 1

[sealring_keys]
)";

}  // namespace

result<fs::path> find_provider() {
  std::error_code bad;
  const fs::path program = fs::read_symlink("/proc/self/exe", bad);
  if (bad) return system_failure(bad.value(), "cannot tell where this program is");
  const fs::path prefix = program.parent_path().parent_path();
  std::string looked;
  for (const char* const folder : {SEALRING_MODULES, "lib/ossl-modules"}) {
    fs::path file = prefix / folder / "sealring.so";
    if (fs::is_regular_file(file, bad)) return file;
    const std::string shown = quote(file.string());
    if (looked.find(shown) == std::string::npos) looked += (looked.empty() ? "" : ", nor ") + shown;
  }
  return fail(condition::operator_needed, "the OpenSSL provider is not there: no " + looked + "; install sealring.so there");
}

uid_t agent_of(const config& c) {
  if (const auto addresses = client::address::parse(c.agent.listen)) {
    const auto socket = client::dial(*addresses, std::nullopt, std::chrono::steady_clock::now() + 1s);
    if (const auto uid = socket ? client::uid_of_listener(socket->get()) : std::nullopt) return *uid;
  }
  // An agent takes a configuration of root's, or of whoever starts it.
  struct stat status{};
  return ::stat(c.file.c_str(), &status) == 0 ? status.st_uid : 0;
}

std::string openssl_conf(const config& c, const fs::path& provider, uid_t agent) {
  std::string sockets;
  for (const std::string& one : c.agent.listen) sockets += (sockets.empty() ? "" : ", ") + openssl_value(one);
  std::string text{head};
  text += "module = " + openssl_value(provider.string()) + "\nactivate = 1\nsealring-sockets = " + sockets + "\n";
  if (agent != 0) text += "sealring-uid = " + std::to_string(agent) + "\n";
  return text;
}

}  // namespace sealring::agent::cli
