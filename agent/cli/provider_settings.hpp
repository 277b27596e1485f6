// What a server's OpenSSL has to be told to find the keeper.
#pragma once

#include "agent/config.hpp"

#include <sys/types.h>

namespace sealring::agent::cli {

/// sealring.so, which belongs to this program. condition::operator_needed where it is not; says where it was looked for.
[[nodiscard]] result<std::filesystem::path> find_provider();

/// Who listens on these sockets: whom they belong to, while there is an agent; else whoever may start one.
[[nodiscard]] uid_t agent_of(const config&);

/// A whole openssl.cnf: the system's, then the default provider, then ours.
[[nodiscard]] std::string openssl_conf(const config&, const std::filesystem::path& provider, uid_t agent);

}  // namespace sealring::agent::cli
