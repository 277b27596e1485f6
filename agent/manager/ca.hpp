// The CA, as the manager talks to it: the toolkit's client over libcurl, in the name of the configured account.
//
// The one place where agent and ACME meet: whoever includes this header compiles neither JSON nor HTTP.
#pragma once

#include "agent/manager/keeper_link.hpp"
#include "agent/manager/solver_http01.hpp"
#include "agent/manager/store.hpp"
#include "sealring/x509/certificate.hpp"

#include <functional>

namespace sealring::agent {

struct ca_origins;

/// Told what happens, one line each; may be empty.
using reporter = std::function<void(std::string_view line)>;

class ca {
public:
  /// The origins that the CA's directory speaks of. Nothing is signed.
  [[nodiscard]] static result<ca_origins> look(const config&, reporter requests);

  /// Reads the directory and takes up the account that the store knows. Where there is none, one is made: its key in the token
  /// first, destroyed again if the CA refuses. `requests` hears of each HTTP request. The arguments must outlive the object.
  /// condition::operator_needed for a CA that uses an origin which the configuration does not name.
  [[nodiscard]] static result<ca> open(const config&, const keeper_link&, store&, reporter requests);

  ca(ca&&) noexcept;
  ca& operator=(ca&&) noexcept;
  ~ca();

  [[nodiscard]] const account& record() const noexcept;
  [[nodiscard]] const held_key& key() const noexcept;
  [[nodiscard]] bool account_is_new() const noexcept;

  /// The account's status, from the CA itself (RFC 8555 section 7.1.2).
  [[nodiscard]] result<std::string> ask_status();

  /// Order, authorizations, CSR, certificate: the end entity's first. `make_key` is called when all names are authorized, so
  /// that a name that fails costs no key.
  [[nodiscard]] result<std::vector<x509::certificate>> obtain(std::span<const identifier> names, http01_solver&,
                                                              const std::function<result<const held_key*>()>& make_key,
                                                              const reporter& progress);

  /// Revokes in the account's name, or by the certificate's own key. `reason` as RFC 5280 section 5.3.1 numbers it.
  [[nodiscard]] result<void> revoke(bytes_view certificate, std::optional<int> reason, const held_key* certificate_key);

private:
  struct conversation;
  explicit ca(std::unique_ptr<conversation>) noexcept;
  std::unique_ptr<conversation> conversation_;
};

}  // namespace sealring::agent
