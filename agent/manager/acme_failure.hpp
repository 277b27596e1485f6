// How the toolkit's failures become the agent's. For the sources that speak ACME only.
#pragma once

#include "agent/failure.hpp"
#include "agent/manager/traced_http.hpp"
#include "sealring/acme/client.hpp"

namespace sealring::agent {

[[nodiscard]] inline failure from(const acme::failure& f) {
  return {f.code, f.what, f.retry_after, f.problem ? acme::portal_url(*f.problem) : std::string{}};
}

[[nodiscard]] inline traced_http make_http(const ca_section& c, reporter requests) {
  return {http::curl{c.ca_file ? c.ca_file->string() : std::string{}}, std::move(requests)};
}

}  // namespace sealring::agent
