// The origins that a CA uses. The keeper signs for those that the operator's file names and for no others, so that a directory
// which sends us elsewhere is shown to a person before anything is signed.
#pragma once

#include "agent/config.hpp"
#include "sealring/acme/directory.hpp"

namespace sealring::agent {

/// An origin that the file does not name, and which of the directory's resources are there ("newOrder").
struct foreign_origin {
  std::string origin;
  std::vector<std::string> resources;
};

struct ca_origins {
  std::string redirected_to;            ///< where the directory really is; empty if where the file says
  std::vector<foreign_origin> foreign;  ///< empty: the file names all
  std::string line;                     ///< what [ca] must have to name all: `origins = ["https://…"]`
};

/// condition::peer_fault for a resource that is at no https URL.
[[nodiscard]] result<ca_origins> origins_of(const acme::directory&, const ca_section&);

/// What to do about foreign origins; success if there are none.
[[nodiscard]] result<void> check(const ca_origins&, const ca_section&, const std::filesystem::path& file);

}  // namespace sealring::agent
