// Headers from a server that may send anything: Link, Retry-After, and the URL that a Location or Link gives.
#include "sealring/acme/http.hpp"

#include <cstdlib>

using namespace sealring;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace std::chrono;
  const std::string value{as_text(bytes_view{data, size})};
  const http::response response{200, {{"lINK", value}, {"Retry-After", value}, {"Link", value}}, {}};

  const auto next = http::links(response, "next");
  demand(next.size() % 2 == 0);  // there are two headers of that name
  for (const std::string& target : next) {
    demand(value.find('<' + target + '>') != value.npos);
    const std::string url = http::resolve("https://ca.example/a/b", target);
    demand(target.starts_with('/') ? url.starts_with("https://") : url == target);
  }
  const auto now = sys_days{2026y / 6 / 1};
  if (const auto wait = http::retry_after(response, now)) demand(wait->count() >= 0 && wait->count() <= 999'999'999);
  return 0;
}
