// What the judge knows: keys, peers, the account and approvals, as the keeper has read them. Plain values, no behaviour.
#pragma once

#include "sealring/public_key.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

namespace sealring::agent::policy {

enum class purpose : std::uint8_t { account, tls_server, tls_client, raw, audit };

/// Which socket a request came by.
enum class channel : std::uint8_t { peer, manager };

/// Who asks, as the kernel says (SO_PEERCRED, SO_PEERGROUPS).
struct peer {
  uid_t uid;
  gid_t gid;
  std::vector<gid_t> groups{};
  channel via = channel::peer;
};

/// A user or a group of a key's `peers`, resolved.
struct principal {
  enum class type : std::uint8_t { user, group };
  type kind;
  id_t id;
};

/// The key itself and its names are the caller's: of ten thousand keys there is one copy.
struct key_rules {
  std::string name;
  purpose use;
  const any_public_key* public_key;
  bytes_view spki;                     ///< of public_key, DER
  std::span<const std::string> names;  ///< what a CSR may carry: identifiers as parse_identifier writes them
  std::vector<principal> peers;        ///< who may sign: handshakes with a tls key, anything with a raw one
  std::string directory{};             ///< of the account that an account key is for; empty for any other
};

/// The account at one of the configured directories.
struct account_rules {
  std::string directory;                     ///< identifies it
  bool fallback = false;                     ///< whether [fallback] names it, and not [ca]
  std::vector<std::string> origins;          ///< as origin_of writes them
  std::vector<std::string> contacts;         ///< the configuration's
  std::set<std::string, std::less<>> names;  ///< every identifier that the operator's files allow at this CA
  std::string key;                           ///< name of the key that holds the account; empty until the first newAccount
  std::optional<std::string> kid;            ///< pinned
  bool new_account_signed = false;           ///< so that a first kid is due
};

/// An operator's word. What `key` and `parameters` must be, for each operation that the judge asks about:
///
///   operation                 key                                    parameters
///   deactivate-account        the account key                        the account's URL
///   deactivate-authorization  the account key                        the authorization's URL
///   new-kid                   the account key                        the account's URL
///   key-change                the account key that is to go          both thumbprints (RFC 7638): old key, new key
///   revoke-key-compromise     the signing key or the certificate's   SHA-256 of the certificate, lower-case hexadecimal
struct approval {
  std::uint64_t number;
  std::string operation;
  std::string key;
  std::vector<std::string> parameters;
  std::chrono::sys_seconds expires;
};

struct world {
  std::span<const account_rules> accounts;  ///< one a directory
  /// The tls-server or tls-client key of this token with this SubjectPublicKeyInfo, or nullptr.
  std::function<const key_rules*(bytes_view spki)> tls_key;
  std::span<const approval> approvals;
  std::chrono::sys_seconds now;
};

}  // namespace sealring::agent::policy
