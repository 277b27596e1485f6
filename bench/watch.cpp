#include "watch.hpp"

#include "side.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace bench {
namespace {

namespace fs = std::filesystem;

fs::path folder_of(pid_t process) { return "/proc/" + std::to_string(process); }

/// The value of "name:  value" in a file of such lines.
std::string field(const fs::path& file, const std::string& name) {
  std::ifstream in{file};
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(name)) continue;
    const auto value = line.find_first_not_of(": \t", name.size());
    return value == line.npos ? std::string{} : line.substr(value);
  }
  return {};
}

}  // namespace

usage usage_of(pid_t process) {
  usage all;
  for (const auto& thread : fs::directory_iterator{folder_of(process) / "task"}) {
    double nanoseconds = 0;
    std::ifstream{thread.path() / "schedstat"} >> nanoseconds;
    all.cpu += nanoseconds * 1e-9;
    all.switches += std::strtoull(field(thread.path() / "status", "voluntary_ctxt_switches").c_str(), nullptr, 10);
  }
  return all;
}

usage usage_of_this_process() {
  usage all;
  for (const int whose : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage spent{};
    getrusage(whose, &spent);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
    all.cpu += seconds(spent.ru_utime) + seconds(spent.ru_stime);
    all.switches += static_cast<std::uint64_t>(spent.ru_nvcsw);
  }
  return all;
}

std::uint64_t resident_kib(pid_t process) {
  return std::strtoull(field(folder_of(process) / "status", "VmRSS").c_str(), nullptr, 10);
}

void pin(pid_t process, int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int each = 0; each < CPU_SETSIZE; ++each)
    if (cpu < 0 || each == cpu) CPU_SET(each, &set);
  for (const auto& thread : fs::directory_iterator{folder_of(process) / "task"})
    sched_setaffinity(std::stoi(thread.path().filename()), sizeof set, &set);  // one that has just ended needs none
}

std::string processor() {
  return field("/proc/cpuinfo", "model name") + ", " + std::to_string(std::thread::hardware_concurrency()) + " CPUs";
}

std::string kernel() {
  utsname name{};
  uname(&name);
  return std::string{name.sysname} + ' ' + name.release;
}

double sync_cost(const std::string& folder) {
  const std::string path = folder + "/sync-cost";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) give_up("cannot write " + path);
  const std::string record(600, 'x');
  std::vector<double> each;
  for (int i = 0; i != 200; ++i) {
    if (::write(file, record.data(), record.size()) < 0) give_up("cannot write " + path);
    const auto begin = std::chrono::steady_clock::now();
    ::fdatasync(file);
    each.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  ::close(file);
  fs::remove(path);
  std::ranges::sort(each);
  return each[each.size() / 2];
}

}  // namespace bench
