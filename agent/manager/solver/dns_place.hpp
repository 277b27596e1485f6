// Where the TXT record of a challenge has to be, and what it has to say.
#pragma once

#include "agent/manager/solver/challenge_task.hpp"
#include "agent/manager/solver/dns_lookup.hpp"

namespace sealring::agent {

struct dns_place {
  std::string name;   ///< as the RFC has it: "_acme-challenge.example.com"
  std::string made;   ///< where it is made: the CNAMEs at `name` lead there
  std::string value;  ///< the record's one string

  [[nodiscard]] std::string key() const { return name + ' ' + value; }  ///< what tells it from others
};

/// The name and the value; `made` is the name.
[[nodiscard]] result<dns_place> place_of(const challenge_task&);

/// The same, with CNAMEs followed. Where nobody answers, `made` is the name.
[[nodiscard]] result<dns_place> find_place(const challenge_task&, const dns_asker&);

}  // namespace sealring::agent
