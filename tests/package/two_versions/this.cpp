// Two libraries of one program were built with different versions of sealring: both work, and neither takes the other's types
// or errors for its own.
#include "program.hpp"

#include <cstdio>

facts facts_of_this() { return facts_here(); }

int main() {
  const facts now = facts_of_this();
  const facts next = facts_of_next();
  const bool both_work = now.csr_octets > 0 && next.csr_octets > 0 && now.token_object == "mine" &&
                         next.token_object == "mine" && now.knows_its_failures && next.knows_its_failures;
  const bool apart = now.key_type != next.key_type && now.category != next.category && now.failure != next.failure &&
                     next.failure != sealring::errc::bad_public_key && now.library_failure != next.library_failure &&
                     next.library_failure != sealring::hsm::trouble::bad_uri;
  std::printf("both work: %d, apart: %d\n", both_work, apart);
  return both_work && apart ? 0 : 1;
}
