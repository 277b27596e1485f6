#include "agent/manager/deploy/deploy.hpp"

#include "agent/manager/live.hpp"

namespace sealring::agent {

result<void> deploy(const config& c, const certificate_entry& entry, const x509::certificate& leaf, const reloader& reload,
                    bool back, const proof_times& times) {
  auto done = reload();
  if (!done && done.error().code == condition::retry_later) return done;
  if (done) done = prove(entry.prove, leaf, times);
  if (done || !back) return done;

  failure f = done.error();
  const auto left = roll_back(c.state.live, entry.name);
  if (!left) {
    f.what += "; the files before could not be put back: " + left.error().what;
  } else if (!*left) {
    f.what += "; there are no files before these, so they stay";
  } else {
    f.what += "; the files before were put back";
    if (const auto again = reload(); !again) f.what += ", and with them, too, " + again.error().what;
  }
  return f;
}

}  // namespace sealring::agent
