// Owners for what ldns makes.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>

#include <ldns/ldns.h>

namespace sealring::agent::ldns {

template <auto Free>
struct release {
  template <class T>
  void operator()(T* p) const noexcept {
    Free(p);
  }
};

using owned_name = std::unique_ptr<ldns_rdf, release<ldns_rdf_deep_free>>;
using owned_packet = std::unique_ptr<ldns_pkt, release<ldns_pkt_free>>;
using owned_record = std::unique_ptr<ldns_rr, release<ldns_rr_free>>;
using owned_records = std::unique_ptr<ldns_rr_list, release<ldns_rr_list_deep_free>>;

/// In its text form; "" if there is no memory for it.
inline std::string printed(const ldns_rdf* field) {
  const std::unique_ptr<char, release<std::free>> text(ldns_rdf2str(field));
  return text ? std::string(text.get()) : std::string();
}

}  // namespace sealring::agent::ldns
