// Renewal information (RFC 9773), asked for without an account: thousands of certificates are asked about, so the directory is
// kept for an hour and connections are kept open.
#pragma once

#include "agent/config.hpp"
#include "agent/manager/schedule.hpp"

#include <memory>

namespace sealring::agent {

/// Safe from several threads.
class renewal_reader {
public:
  renewal_reader();
  renewal_reader(const renewal_reader&) = delete;
  renewal_reader& operator=(const renewal_reader&) = delete;
  ~renewal_reader();

  /// What the CA suggests for the certificate with this id (RFC 9773 section 4.1). condition::unsupported where it suggests
  /// nothing at all.
  [[nodiscard]] result<renewal_suggestion> ask(const ca_section&, const std::string& certificate_id);

private:
  struct connection;
  std::unique_ptr<connection> borrow(const ca_section&);
  void give_back(std::unique_ptr<connection>);

  struct pool;
  std::unique_ptr<pool> pool_;
};

}  // namespace sealring::agent
