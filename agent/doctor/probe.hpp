// A process that does what a server does with one certificate: reads openssl.cnf and the files, locks itself up, becomes the
// server's user, and makes handshakes. In a process of its own, since there is no way back from most of that, and because what
// it loads is not ours to trust.
#pragma once

#include "agent/doctor/finding.hpp"

#include <functional>

namespace sealring::agent::doctor {

struct server_role {
  std::string live{};          ///< folder of the certificate's files
  std::string openssl_conf{};  ///< file
  std::string user{};          ///< empty: whoever we are
  std::string chroot{};        ///< empty: none
  bool is_client = false;      ///< the certificate is for a client
  bool reads_as_user = false;  ///< opens its files only after it has become the user
};

/// Starts that process and collects what it finds; `of` is whom it is about.
void check_as_server(const server_role&, const std::string& of, findings&);

/// What it does. Tells each finding as soon as it is there.
void probe(const server_role&, const std::function<void(const finding&)>& tell);

/// Between the two: a line each.
[[nodiscard]] std::string to_line(const finding&);
/// False for what is no such line.
[[nodiscard]] bool from_line(const std::string&, finding&);

}  // namespace sealring::agent::doctor
