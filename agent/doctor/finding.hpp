// What doctor says of one thing that it has looked at.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace sealring::agent::doctor {

struct finding {
  std::string of;     ///< certificate, and the user who is to serve it; or what else it is about
  std::string check;  ///< the same words for the same check, always
  bool good = false;
  std::string says;  ///< what is there; or what is wrong, and what to do
};

using findings = std::vector<finding>;

}  // namespace sealring::agent::doctor
