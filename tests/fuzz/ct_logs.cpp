// A list of CT logs: a log that is taken has the key that its id names, and each mistake names its place in one line.
#include "sealring/acme/ct_log_list.hpp"

#include <cstdlib>

using namespace sealring;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto list = acme::read_ct_log_list(as_text(bytes_view{data, size}));
  if (!list) demand(list.error().code == sealring::errc::bad_json && list.error().what.find(": ") != std::string::npos);
  if (list) {
    for (const auto& log : list->logs) demand(!log.description.empty() && !log.spki.empty());
    for (const auto& mistake : list->mistakes) demand(mistake.starts_with("operators[") && mistake.find('\n') == mistake.npos);
  }
  demand(ERR_peek_error() == 0);
  return 0;
}
