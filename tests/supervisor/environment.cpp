#include "agent/supervisor/environment.hpp"

#include "catch.hpp"

#include <algorithm>

using namespace sealring;

namespace {
const std::vector<std::string> operators{"PATH=/bin",          "LD_PRELOAD=/x.so",  "OPENSSL_CONF=/x.cnf",
                                         "OPENSSL_MODULES=/x", "SOFTHSM2_CONF=/s",  "LC_ALL=C",
                                         "NOTIFY_SOCKET=/n",   "LISTEN_FDS=1",      "LD_LIBRARY_PATH=/",
                                         "SECRET=1",           "WATCHDOG_USEC=1",   "CREDENTIALS_DIRECTORY=/c",
                                         "NOEQUALS",           "GLIBC_TUNABLES=x=y"};
using list = std::vector<std::string>;
}  // namespace

TEST_CASE("a role of another user gets the least", "[environment]") {
  CHECK(agent::role_environment(operators, false) == list{"PATH=/bin", "LC_ALL=C", "CREDENTIALS_DIRECTORY=/c"});
}

TEST_CASE("a role of the caller's own user gets the caller's, but for what would change the program", "[environment]") {
  CHECK(agent::role_environment(operators, true) ==
        list{"PATH=/bin", "SOFTHSM2_CONF=/s", "LC_ALL=C", "SECRET=1", "CREDENTIALS_DIRECTORY=/c", "NOEQUALS"});
}

TEST_CASE("what the configuration names comes last and wins", "[environment]") {
  CHECK(agent::role_environment({"PATH=/bin", "A=1", "AB=2"}, true, {"A=3", "B="}) == list{"PATH=/bin", "AB=2", "A=3", "B="});
  CHECK(agent::role_environment({}, false, {"SOFTHSM2_CONF=/t"}) == list{"SOFTHSM2_CONF=/t"});
}
