#include "agent/keeper/audit/peer.hpp"

#include "agent/file.hpp"

#include <charconv>

namespace sealring::agent::audit {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// proc_pid_stat(5). The second field is the name in parentheses, which may itself hold spaces and parentheses.
std::uint64_t start_time(std::string_view stat) {
  const auto name_end = stat.rfind(')');
  if (name_end == stat.npos) return 0;
  stat.remove_prefix(name_end);
  for (int field = 2; field < 22; ++field) {
    const auto space = stat.find(' ');
    if (space == stat.npos) return 0;
    stat.remove_prefix(space + 1);
  }
  std::uint64_t value = 0;
  std::from_chars(stat.data(), stat.data() + stat.size(), value);
  return value;
}

// cgroups(7): "0::/path" is the unified hierarchy's line; without one, the first.
std::string cgroup_path(const std::string& text) {
  const auto unified = text.starts_with("0::") ? std::size_t{0} : text.find("\n0::");
  const auto at = unified == text.npos || unified == 0 ? 0 : unified + 1;
  const std::string line = first_line(text.substr(at));
  const auto second = line.find(':', line.find(':') + 1);
  return second == line.npos ? line : line.substr(second + 1);
}

}  // namespace

peer describe(const ucred& who) {
  peer p{.pid = who.pid, .uid = who.uid, .gid = who.gid};
  const std::filesystem::path folder = "/proc/" + std::to_string(who.pid);
  if (const auto stat = read_file(folder / "stat", 4096)) p.start = start_time(*stat);
  if (const auto comm = read_file(folder / "comm", 4096)) p.comm = first_line(*comm);
  if (const auto cgroup = read_file(folder / "cgroup", 65536); cgroup && !cgroup->empty()) p.cgroup = cgroup_path(*cgroup);
  return p;
}

}  // namespace sealring::agent::audit
