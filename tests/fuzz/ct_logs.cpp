// A list of CT logs: a log that is taken has the key that its id names, and each mistake names its place in one line.
#include "agent/manager/watch/ct_log_list.hpp"

#include <cstdlib>

using namespace sealring;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto list = agent::parse_ct_log_list(as_text(bytes_view{data, size}), "f");
  if (!list) demand(list.error().code == condition::bad_input && list.error().what.starts_with("f:"));
  if (list) {
    for (const auto& log : list->logs) demand(!log.description.empty() && !log.spki.empty());
    for (const auto& mistake : list->mistakes)
      demand(mistake.starts_with("f: operators[") && mistake.find('\n') == mistake.npos);
  }
  demand(ERR_peek_error() == 0);
  return 0;
}
