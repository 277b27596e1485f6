// Names looked up: through a resolver, and at the servers that have authority over them.
#pragma once

#include "agent/config.hpp"
#include "agent/manager/solver/dns_message.hpp"

#include <functional>

namespace sealring::agent {

/// Asks for the records of a name. condition::retry_later: nobody answers.
using dns_asker = std::function<result<dns_answer>(const std::string& name, dns_type)>;

/// Where the CNAMEs at a name lead, the name itself if there is none. A loop, or more than eight, is
/// condition::operator_needed.
[[nodiscard]] result<std::string> follow_cnames(const std::string& name, const dns_asker&);

/// The zone that a name is in, by its SOA record: the nearest above it.
[[nodiscard]] result<std::string> zone_of(const std::string& name, const dns_asker&);

[[nodiscard]] bool is_below(std::string_view name, std::string_view zone);  ///< or the same

/// A name server of a zone, and its addresses.
struct name_server {
  std::string name;
  std::vector<endpoint> addresses;
};

/// Safe from several threads at once.
class dns_lookup {
public:
  /// `primary` is that of [dns-01] or empty: where a name server has its address, it is asked at its port too.
  [[nodiscard]] static result<dns_lookup> make(const dns_section&, const std::string& primary);

  [[nodiscard]] result<dns_answer> ask(const std::string& name, dns_type) const;
  [[nodiscard]] dns_asker asker() const;

  /// condition::operator_needed: the name does not exist, or has no address; condition::retry_later: nobody answers.
  [[nodiscard]] result<std::vector<endpoint>> addresses(const std::string& name, std::uint16_t port) const;

  [[nodiscard]] result<std::vector<name_server>> name_servers(const std::string& zone) const;

private:
  [[nodiscard]] std::vector<std::string> addresses_by_dns(const std::string& name) const;
  std::vector<endpoint> resolvers_;
  std::optional<endpoint> primary_;
  bool systems_ = true;  ///< the system's resolver, which knows /etc/hosts too
};

}  // namespace sealring::agent
