// sealring.toml and, each after a zero octet, the files of conf.d: what is taken means the same a second time, keeps its own
// rules, and a certificate that is written for conf.d is read back as it was.
#include "agent/config_text.hpp"
#include "agent/config_writer.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

using namespace sealring::agent;

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void check_entries(const config& c) {
  std::set<std::string> names;
  for (const certificate_entry& entry : c.certificates) {
    demand(names.insert(entry.name).second && check(entry) && c.find_certificate(entry.name) != nullptr);
    demand(entry.name.find('/') == std::string::npos && !entry.name.starts_with('.'));
  }
  for (const std::string& path : c.agent.listen) demand(path.starts_with('/') || path.starts_with('@'));
  demand(c.ca.directory.starts_with("https://") && c.hsm.module.is_absolute() && c.agent.max_keys > 0);
}

void check_written(const config_text& main, const config& c) {
  if (c.certificates.empty()) return;
  std::vector<config_text> more;
  for (const certificate_entry& entry : c.certificates) more.push_back({"/f/conf.d/" + entry.name, to_toml(entry)});
  for (const config_text& one : more) {
    const auto alone = parse_config(main, {&one, 1});
    demand(!alone);  // the name is taken
  }
  const auto again = parse_config({main.file, "[hsm]\nmodule=\"/m\"\ntoken=\"t\"\n[ca]\ndirectory=\"https://a\"\n"}, more);
  demand(again && again->certificates == c.certificates);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest{reinterpret_cast<const char*>(data), size};
  const auto next = [&rest] {
    const auto end = std::min(rest.find('\0'), rest.size());
    std::string text{rest.substr(0, end)};
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return text;
  };
  const config_text main{"/f/sealring.toml", next()};
  std::vector<config_text> more;
  while (!rest.empty() && more.size() < 4) more.push_back({"/f/conf.d/" + std::to_string(more.size()) + ".toml", next()});
  const auto read = parse_config(main, more);
  if (!read) {
    demand(!read.error().what.empty() && read.error().what.find('\n') == std::string::npos);
    return 0;
  }
  demand(*read == *parse_config(main, more));
  check_entries(*read);
  if (more.empty()) check_written(main, *read);
  return 0;
}
