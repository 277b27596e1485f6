#include "bench/measures.hpp"

#include <sched.h>
#include <sys/resource.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace sealring::bench {
namespace {

namespace fs = std::filesystem;

std::string folder_of(pid_t process) { return "/proc/" + std::to_string(process); }

/// A thread may end while we look.
template <class F>
void for_each_thread(pid_t process, F f) {
  std::error_code gone;
  for (fs::directory_iterator i{folder_of(process) + "/task", gone}, end; !gone && i != end; i.increment(gone))
    f(i->path().string());
}

}  // namespace

std::string field(const std::string& file, const std::string& name) {
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(name)) continue;
    const auto value = line.find_first_not_of(": \t", name.size());
    return value == std::string::npos ? std::string{} : line.substr(value);
  }
  return {};
}

usage usage_of(pid_t process) {
  usage all;
  for_each_thread(process, [&all](const std::string& thread) {
    double nanoseconds = 0;
    std::ifstream{thread + "/schedstat"} >> nanoseconds;
    all.cpu += nanoseconds * 1e-9;
    all.switches += std::strtoull(field(thread + "/status", "voluntary_ctxt_switches").c_str(), nullptr, 10);
  });
  return all;
}

usage usage_of(const std::vector<pid_t>& processes) {
  usage all;
  for (const pid_t one : processes) all += usage_of(one);
  return all;
}

usage usage_of_this_process() {
  rusage spent{};
  getrusage(RUSAGE_SELF, &spent);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
  return {seconds(spent.ru_utime) + seconds(spent.ru_stime), static_cast<std::uint64_t>(spent.ru_nvcsw)};
}

bool pin(pid_t process, int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<std::size_t>(cpu), &set);
  bool all = true;
  for_each_thread(process, [&set, &all](const std::string& thread) {
    const bool done = sched_setaffinity(std::stoi(fs::path{thread}.filename()), sizeof set, &set) == 0;
    all = all && (done || errno == ESRCH);
  });
  return all;
}

std::vector<pid_t> children_of(pid_t process) {
  std::vector<pid_t> all;
  for_each_thread(process, [&all](const std::string& thread) {
    std::ifstream in{thread + "/children"};
    for (pid_t child = 0; in >> child;) all.push_back(child);
  });
  return all;
}

}  // namespace sealring::bench
