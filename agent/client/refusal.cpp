#include "agent/client/refusal.hpp"

#include <boost/throw_exception.hpp>

namespace sealring::client {

void throw_exception_from_error(const refusal& r, const boost::source_location& where) {
  boost::throw_exception(std::system_error(r.code, r.text), where);
}

}  // namespace sealring::client
