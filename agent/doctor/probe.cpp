#include "agent/doctor/probe.hpp"

#include "agent/client/address.hpp"
#include "agent/client/key_reference.hpp"
#include "agent/doctor/test_server.hpp"
#include "agent/file.hpp"
#include "agent/supervisor/users.hpp"
#include "agent/text.hpp"
#include "sealring/pem.hpp"

#include <cerrno>
#include <cstring>
#include <optional>

#include <unistd.h>

namespace sealring::agent::doctor {

namespace {

using namespace std::chrono_literals;
using teller = std::function<void(const finding&)>;

constexpr const char* prints_one = "'sealring init --openssl-conf' prints one that is right";

/// Tells what came of it, and answers it.
bool told(const teller& tell, const char* check, const result<void>& r, const std::string& well,
          const std::string& advice = {}) {
  tell({{}, check, bool{r}, r ? well : r.error().what + (advice.empty() ? "" : "; " + advice)});
  return bool{r};
}

std::optional<client::key_reference> reference_in(const std::string& live) {
  const auto text = read_file(std::filesystem::path{live} / "privkey.pem");
  if (!text) return std::nullopt;
  const auto blocks = from_pem(client::key_reference_label, *text);
  if (!blocks) return std::nullopt;
  auto read = client::read_key_reference(blocks->front());
  if (!read) return std::nullopt;
  return *std::move(read);
}

/// For good.
result<void> step_down(const user& who) {
  if (const int error = become(who); error != 0) return system_failure(error, "cannot become " + quote(who.name));
  return {};
}

result<void> lock_up(const server_role& role) {
  if (role.chroot.empty()) return {};
  if (::chroot(role.chroot.c_str()) != 0 || ::chdir("/") != 0)
    return system_failure(errno, "cannot lock itself up in " + quote(role.chroot));
  return {};
}

bool check_providers(const test_server& server, const server_role& role, const teller& tell) {
  const auto ephemeral = server.make_ephemeral_key();  // before has(), which sorts the providers by name
  const bool ours = server.has("sealring");
  tell({{}, "provider", ours, ours ? "loaded" : why_not_loaded(role.openssl_conf) + "; " + prints_one});
  const bool software = server.has("default");
  tell({{},
        "default provider",
        software,
        software ? "active" : std::string{"openssl.cnf does not activate it, and nothing works without; "} + prints_one});
  if (!ours || !software) return false;
  return told(tell, "order", ephemeral, "default first",
              std::string{"in openssl.cnf the default provider must stand before sealring; "} + prints_one);
}

/// The way that the provider goes: one of the sockets is enough.
void check_sockets(const client::key_reference& r, const server_role& role, const teller& tell) {
  std::string reached, faults;
  for (const std::string& one : r.sockets) {
    const auto where = client::address::parse(one);
    if (!where) continue;
    const auto socket = client::dial({*where}, std::vector<uid_t>{r.agent, 0}, std::chrono::steady_clock::now() + 1s);
    if (socket) (reached += reached.empty() ? "" : ", ") += one;
    else (faults += faults.empty() ? "" : "; ") += socket.error().text;
  }
  if (!reached.empty()) return tell({{}, "socket", true, reached});
  tell({{},
        "socket",
        false,
        faults +
            (role.chroot.empty() ? "; start the agent, let this user into the socket's folder, or add an abstract address"
                                 : "; a chroot hides paths: add an abstract address") +
            " (\"@sealring\") to [agent] listen and issue again"});
}

}  // namespace

void probe(const server_role& role, const teller& tell) {
  std::optional<user> who;  // looked up now: a chroot has no list of users
  if (!role.user.empty()) {
    auto known = find_user(role.user);
    if (!known) return tell({{}, "user", false, known.error().what});
    who = *std::move(known);
  }
  // PostgreSQL opens its files as its own user; the others do it as root.
  if (who && role.reads_as_user && !told(tell, "user", step_down(*who), role.user)) return;
  const auto reference = reference_in(role.live);
  auto server = test_server::configured(role.openssl_conf);
  if (!server) {
    tell({{}, "openssl.cnf", false, server.error().what + "; " + prints_one});
    return;
  }
  tell({{}, "openssl.cnf", true, role.openssl_conf});
  if (!check_providers(*server, role, tell)) return;
  const std::string who_reads = role.reads_as_user ? "it must be readable by " + role.user + ": see [state] group" : "";
  if (!told(tell, "key", server->load_key(role.live), "loads", who_reads)) return;
  if (!told(tell, "match", server->load_certificate(role.live), "key and certificate belong together")) return;
  if (!role.chroot.empty() && !told(tell, "chroot", lock_up(role), role.chroot)) return;
  if (who && !role.reads_as_user && !told(tell, "user", step_down(*who), role.user)) return;
  if (reference) check_sockets(*reference, role, tell);
  told(tell, "TLS 1.2", server->shake_hands(TLS1_2_VERSION, role.is_client), "a handshake");
  told(tell, "TLS 1.3", server->shake_hands(TLS1_3_VERSION, role.is_client), "a handshake");
}

}  // namespace sealring::agent::doctor
