// The servers that we know by name: who they run as, and what their files have to say.
#pragma once

#include "agent/config.hpp"

#include <span>

namespace sealring::agent::cli {

struct server_kind {
  std::string_view name;
  std::string_view user;     ///< Debian's
  bool reads_as_user;        ///< opens its files as that user; others do so as root, and change users after it
  std::string_view chroot;   ///< where it locks itself up; empty: nowhere
  std::string_view snippet;  ///< @NAME@, @HOST@, @LIVE@ stand for the certificate's
};

[[nodiscard]] std::span<const server_kind> server_kinds();
/// nullptr for one that we do not know.
[[nodiscard]] const server_kind* find_server(std::string_view name);

[[nodiscard]] std::string snippet(const server_kind&, const certificate_entry&, const config&);

}  // namespace sealring::agent::cli
