// What the agent remembers: accounts and certificates, what it is in the middle of, and what it has planned.
//
// The pending_… records are the journal: each is written before the step that it names is taken, and erased when that has come
// to its end, so that after a crash they say all that may be half done.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealring::agent {

/// An account at a CA (RFC 8555 section 7.1.2). One a directory.
struct account {
  std::string directory;  ///< the CA's directory URL; identifies the record
  std::string url;        ///< the account URL: "kid" of its requests
  std::string key_label;  ///< CKA_LABEL of its key
  std::string key_id;     ///< CKA_ID in hex
  std::string status;     ///< section 7.1.6: "valid", "deactivated", "revoked"
  std::vector<std::string> contact;
  bool operator==(const account&) const = default;
};

enum class certificate_status { issued, revoked };

/// A certificate that was issued. Name and serial identify the record: a name keeps those that it had before.
struct certificate {
  std::string name;  ///< of the [[certificate]] and of live/NAME
  std::vector<std::string> domains;
  std::string directory;  ///< the CA it came from
  std::string key_label;
  std::string key_id;
  std::string key_type{};  ///< "p256", "rsa2048", ...
  std::string serial;      ///< hex, lower case
  std::chrono::sys_seconds not_before{};
  std::chrono::sys_seconds not_after{};
  certificate_status status = certificate_status::issued;
  std::chrono::sys_seconds issued_at{};
  std::optional<std::chrono::sys_seconds> revoked_at{};
  std::optional<int> revocation_reason{};  ///< RFC 5280 section 5.3.1
  bool operator==(const certificate&) const = default;
};

/// A key that is about to be made for an account, or was made and is not yet in use.
struct pending_key {
  std::string id;    ///< CKA_ID in hex, chosen before the key is made; identifies the record
  std::string name;  ///< what the keeper calls the key
  std::chrono::sys_seconds created_at{};
  bool operator==(const pending_key&) const = default;
};

/// An order (RFC 8555 section 7.1.3) from the wish for it until its certificate's files are in place.
struct pending_order {
  std::string name;  ///< of the certificate; identifies the record
  std::vector<std::string> domains;
  std::string directory;
  std::string profile{};
  std::string replaces{};  ///< RFC 9773 section 5; empty: nothing
  std::string url{};       ///< empty: asked for, and the answer is not known
  std::string key_id{};    ///< CKA_ID in hex, chosen before the key is made; empty: not yet
  std::string key_type{};
  std::chrono::sys_seconds begun_at{};
  bool operator==(const pending_order&) const = default;
};

/// A challenge that is about to be met: a record in DNS, or a file, that must not stay when it is over.
struct pending_challenge {
  std::string certificate;
  std::string type;  ///< "dns-01", ...
  std::string identifier;
  std::string token;
  std::string key_authorization;
  std::string account_url;
  bool operator==(const pending_challenge&) const = default;
};

/// A revocation that was asked for. The certificate stands here itself: its files may be replaced first.
struct pending_revocation {
  std::string name;
  std::string serial;  ///< with the name, identifies the record
  std::string directory;
  std::string certificate;  ///< DER, in base64url
  std::optional<int> reason{};
  bool by_certificate_key = false;
  bool replace = false;  ///< first: no server shall be left with it
  bool operator==(const pending_revocation&) const = default;
};

/// An account's change of keys (RFC 8555 section 7.3.5). While it stands the CA alone knows which of the two is good.
struct pending_rollover {
  std::string directory;  ///< identifies the record
  std::string old_key_id;
  std::string new_key_id;
  bool begun = false;  ///< not only planned: an operator has agreed, and whoever finds it goes on
  bool operator==(const pending_rollover&) const = default;
};

/// What is planned for a certificate, what has failed, and what the world says of it. One a name.
struct upkeep {
  using instant = std::optional<std::chrono::sys_seconds>;

  std::string name;      ///< identifies the record
  std::string serial{};  ///< of the certificate that the rest is about; empty: there is none yet

  instant window_start{};  ///< the CA's suggestion (RFC 9773 section 4.2); unset: it has none
  instant window_end{};
  std::string explanation_url{};
  instant renew_at{};  ///< chosen once, in the window or by the rule for CAs without one
  instant ask_at{};    ///< when the CA is to be asked (again)

  int failures = 0;  ///< in a row
  instant try_at{};  ///< not before
  std::string trouble{};
  std::string portal{};  ///< a URL of the CA's that a person must go to

  instant deployed_at{};  ///< servers were told, and were seen to present it where that is asked for
  std::string deploy_trouble{};
  instant retire_at{};  ///< when no server can want the key before it any more

  instant checked_at{};  ///< against its CRL, and its SCTs
  instant revoked_at{};  ///< as the CRL says
  std::optional<int> revocation_reason{};
  int valid_scts = 0;
  int unknown_scts = 0;  ///< of logs that are not in our list
  int bad_scts = 0;      ///< forged, or broken
  std::string watch_trouble{};

  bool operator==(const upkeep&) const = default;
};

}  // namespace sealring::agent
