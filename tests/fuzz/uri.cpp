// PKCS#11 URIs and socket addresses: what is taken holds no PIN and no command, and what we format of a key is read back as it
// was.
#include "hsm/uri.hpp"
#include "agent/client/address.hpp"

#include <algorithm>
#include <cstdlib>

using namespace sealring;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void check_uri(std::string_view text) {
  const auto read = hsm::uri::parse(text);
  if (!read) return demand(!read.error().what.empty());
  const auto query = text.substr(std::min(text.find('?'), text.size()));
  demand(hsm::uri::looks_like_one(text) && text.find(";pin-value=") == text.npos && query.find("&pin-value=") == query.npos);
  demand(!read->pin_source() || !read->pin_source()->starts_with('|'));
  for (const char* once : {";id=", ";object=", ";token="}) demand(text.find(once) == text.rfind(once));
  static_cast<void>(read->type());
  static_cast<void>(read->module_path());
  static_cast<void>(read->fits({}, 0, {}, {}));
  const auto object = read->object();
  const auto id = read->id();
  const auto formatted = hsm::format_uri("t", "s", id.value_or(bytes{}), object.value_or(""));
  const auto again = hsm::uri::parse(formatted);
  if (formatted.size() > 4096) return demand(!again);
  demand(again.has_value());
  demand(again->id().value_or(bytes{}) == id.value_or(bytes{}) && again->object().value_or("") == object.value_or(""));
}

/// Whatever a token calls itself and its keys.
void check_formatting(bytes_view input) {
  const auto half = input.size() / 2;
  std::string label{as_text(input.first(half))};
  std::erase(label, '\0');  // no C string can hold it, and p11-kit's are such
  const bytes id(input.begin() + static_cast<std::ptrdiff_t>(half), input.end());
  // A token's own label has 32 octets at most (PKCS#11 v2.40 section 3.2).
  const auto formatted = hsm::format_uri(std::string_view{label}.substr(0, 32), "s", id, label);
  const auto read = hsm::uri::parse(formatted);
  if (formatted.size() > 4096) return;
  demand(read && read->id().value_or(bytes{}) == id && read->object().value_or("") == label);
}

void check_address(std::string_view text) {
  const auto read = client::address::parse(text);
  if (!read) return;
  demand(read->text() == text && read->size() <= sizeof(sockaddr_un) && (text[0] == '/' || text[0] == '@'));
  const auto* raw = reinterpret_cast<const sockaddr_un*>(read->raw());
  demand(std::string_view{raw->sun_path + 1, text.size() - 1} == text.substr(1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bytes_view input{data, size};
  check_uri(as_text(input));
  check_formatting(input);
  check_address(as_text(input));
  return 0;
}
