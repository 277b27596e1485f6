#include "agent/cli/servers.hpp"

#include <algorithm>
#include <utility>

namespace sealring::agent::cli {

namespace {

// TLS 1.2 and 1.3, ephemeral ECDH alone: a kRSA suite would want the key to decrypt, which the keeper never does, and DHE is
// slow. TLS 1.3's own suites are right as they are. tests/system/snippets.sh holds each snippet against its server.
#define SUITES                                                                                                           \
  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" \
  "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"

constexpr server_kind kinds[] = {
    {"nginx", "www-data", false, "",
     R"(# nginx, certificate @NAME@. Beside it:
#   in @FILE@, [[certificate]] @NAME@:   peers = ["www-data"]
#   systemctl edit nginx      Environment=OPENSSL_CONF=/etc/sealring/openssl.cnf   (sealring init --openssl-conf)
#   in nginx.conf, outside of all blocks:   env OPENSSL_CONF;
server {
    listen 443 ssl;
    server_name @HOST@;
    ssl_certificate @LIVE@/fullchain.pem;
    ssl_certificate_key @LIVE@/privkey.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers )" SUITES R"(;
    ssl_prefer_server_ciphers off;
    ssl_session_tickets off;
}
)"},
    {"apache", "www-data", false, "",
     R"(# Apache, certificate @NAME@. Beside it:
#   in @FILE@, [[certificate]] @NAME@:   peers = ["www-data"]
#   systemctl edit apache2    Environment=OPENSSL_CONF=/etc/sealring/openssl.cnf   (sealring init --openssl-conf)
#   a2enmod ssl, and Listen 443
<VirtualHost *:443>
    ServerName @HOST@
    SSLEngine on
    SSLCertificateFile "@LIVE@/fullchain.pem"
    SSLCertificateKeyFile "@LIVE@/privkey.pem"
    SSLProtocol -all +TLSv1.2 +TLSv1.3
    SSLCipherSuite )" SUITES R"(
    SSLHonorCipherOrder off
    SSLSessionTickets off
</VirtualHost>
)"},
    {"haproxy", "haproxy", false, "/var/lib/haproxy",
     R"(# HAProxy, certificate @NAME@. Beside it:
#   in @FILE@, [[certificate]] @NAME@:   peers = ["haproxy"]
#   systemctl edit haproxy    Environment=OPENSSL_CONF=/etc/sealring/openssl.cnf   (sealring init --openssl-conf)
# In its chroot HAProxy sees no path: [agent] listen must have an abstract address ("@sealring"), or a socket in the chroot
# ("/var/lib/haproxy/...", which is to be as that path in the chroot too). `sealring doctor --server haproxy` tells.
frontend tls
    mode http
    timeout client 30s
    bind :443 ssl crt @LIVE@/combined.pem alpn h2,http/1.1 ssl-min-ver TLSv1.2 no-tls-tickets ciphers )" SUITES R"(
    # default_backend ...
)"},
    {"postgresql", "postgres", true, "",
     R"(# PostgreSQL, certificate @NAME@: for postgresql.conf. Beside it:
#   in @FILE@, [[certificate]] @NAME@:   peers = ["postgres"]
#   there too, since PostgreSQL opens privkey.pem as postgres:   [state] group = "ssl-cert"   ("postgres" where it is in no such)
#   in /etc/postgresql/VERSION/CLUSTER/environment:   OPENSSL_CONF = '/etc/sealring/openssl.cnf'   (sealring init --openssl-conf)
ssl = on
ssl_cert_file = '@LIVE@/fullchain.pem'
ssl_key_file = '@LIVE@/privkey.pem'
ssl_min_protocol_version = 'TLSv1.2'
ssl_ciphers = ')" SUITES R"('
ssl_prefer_server_ciphers = off
)"},
};

#undef SUITES

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

}  // namespace

std::span<const server_kind> server_kinds() { return kinds; }

const server_kind* find_server(std::string_view name) {
  const auto found = std::ranges::find(kinds, name, &server_kind::name);
  return found == std::end(kinds) ? nullptr : &*found;
}

std::string snippet(const server_kind& kind, const certificate_entry& entry, const config& c) {
  std::string text{kind.snippet};
  const std::string live = (c.state.live / entry.name).string();
  const std::string host = entry.domains.empty() ? entry.name : entry.domains.front();
  for (const auto& [what, by] : {std::pair<std::string_view, std::string_view>{"@NAME@", entry.name},
                                 {"@HOST@", host},
                                 {"@LIVE@", live},
                                 {"@FILE@", c.file.native()}})
    replace_all(text, what, by);
  return text;
}

}  // namespace sealring::agent::cli
