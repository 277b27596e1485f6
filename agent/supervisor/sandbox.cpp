#include "agent/supervisor/sandbox.hpp"

#include "agent/supervisor/landlock.hpp"
#include "agent/supervisor/seccomp.hpp"
#include "agent/text.hpp"

#include <algorithm>
#include <array>
#include <atomic>

#include <sys/socket.h>

namespace sealring::agent {
namespace fs = std::filesystem;
namespace {

// What any program reads: libraries, time zones, certificates, names, and itself.
constexpr std::array<std::string_view, 11> everyone_reads{
    "/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/etc", "/proc", "/sys/devices", "/dev", "/run/systemd/resolve"};
constexpr std::array<std::string_view, 5> everyone_writes{"/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/shm"};

// Landlock walls in one thread and what it starts: an older one would be left outside.
result<void> alone() {
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
  return {};  // which has one of its own
#endif
#elif defined(__SANITIZE_THREAD__)
  return {};
#endif
  std::error_code error;
  const auto threads = std::distance(fs::directory_iterator("/proc/self/task", error), {});
  if (error || threads == 1) return {};
  return fail(condition::operator_needed, "the sandbox must be closed before another thread starts");
}

}  // namespace

struct sealed::state {
  std::string says;
  // Number and first argument of the last call, in one word so that no reader sees halves of two.
  std::atomic<std::uint64_t> last{0};
  std::atomic<std::uint64_t> count{0};
};

sealed::sealed(std::shared_ptr<state> s) : state_(std::move(s)) {}
sealed::sealed(sealed&&) noexcept = default;
sealed& sealed::operator=(sealed&&) noexcept = default;
sealed::~sealed() = default;

const std::string& sealed::says() const noexcept { return state_->says; }
std::uint64_t sealed::blocked_calls() const noexcept { return state_->count.load(); }

std::optional<std::string> sealed::last_blocked_call() const {
  if (blocked_calls() == 0) return std::nullopt;
  const std::uint64_t last = state_->last.load();
  return blocked_call{static_cast<int>(last >> 32), static_cast<std::uint32_t>(last)}.name();
}

// Builds the walls one by one; what it says grows with them.
class sealer {
public:
  result<void> open(landlock::files which) {
    if (auto good = alone(); !good) return good;
    auto made = landlock::make(which);
    if (!made) return made.error();
    landlock_ = *std::move(made);
    return {};
  }

  result<void> base(const std::vector<fs::path>& never) {
    for (const auto path : everyone_reads) {
      if (auto ok = read(fs::path(path), never); !ok) return ok;
    }
    for (const auto path : everyone_writes) {
      if (auto ok = allow(fs::path(path), landlock::access::write, landlock::if_missing::skip); !ok) return ok;
    }
    return {};
  }

  result<void> read(const fs::path& path, const std::vector<fs::path>& never) {
    return landlock_ ? landlock_->allow_reading_without(path, never) : result<void>();
  }
  result<void> write(const std::vector<fs::path>& paths) {
    for (const auto& path : paths) {
      if (auto ok = allow(path, landlock::access::write, landlock::if_missing::fail); !ok) return ok;
    }
    return {};
  }
  void note(const std::string& what) { (says_ += says_.empty() ? "" : "; ") += what; }

  result<sealed> close(const std::string& files, const std::vector<int>& families) {
    if (landlock_) {
      if (auto ok = landlock_->enforce(); !ok) return ok.error();
      note("Landlock " + std::to_string(version_) + ": " + files);
    } else {
      note("this kernel has no Landlock: files are not restricted");
    }
    const auto s = std::make_shared<sealed::state>();
    const auto named = filter_system_calls(families, [s](blocked_call call) {
      s->last = static_cast<std::uint64_t>(call.number) << 32 | call.first_argument;
      ++s->count;
    });
    if (!named) return named.error();
    note(*named == naming::yes ? "seccomp: system calls of a list, refused ones are named"
                               : "seccomp: system calls of a list, refused ones cannot be named here");
    s->says = says_;
    return sealed(s);
  }

private:
  result<void> allow(const fs::path& path, landlock::access how, landlock::if_missing otherwise) {
    return landlock_ ? landlock_->allow(path, how, otherwise) : result<void>();
  }

  const int version_ = landlock_version();  // cannot be asked any more when the filter is up
  std::optional<landlock> landlock_;
  std::string says_;
};

result<sealed> seal_keeper(const keeper_sandbox& s) {
  sealer seal;
  const bool files = !s.paths.empty();
  if (auto ok = seal.open(files ? landlock::files::all : landlock::files::only_what_nobody_needs); !ok) return ok.error();
  if (files) {
    if (auto ok = seal.base({}); !ok) return ok.error();
    for (const auto& path : s.read) {
      if (auto ok = seal.read(path, {}); !ok) return ok.error();
    }
    for (const auto* paths : {&s.paths, &s.devices, &s.write}) {
      if (auto ok = seal.write(*paths); !ok) return ok.error();
    }
  }
  std::vector<int> families{AF_UNIX};
  if (s.network) families.insert(families.end(), {AF_INET, AF_INET6, AF_NETLINK, AF_VSOCK});
  return seal.close(files ? "the files of [hsm] paths and no others" : "no programs", families);
}

result<sealed> seal_manager(const manager_sandbox& s) {
  sealer seal;
  if (auto ok = seal.open(landlock::files::all); !ok) return ok.error();
  std::vector<fs::path> never;
  for (const auto& path : s.never) {
    std::error_code error;
    never.push_back(fs::weakly_canonical(path, error));
    if (error == std::errc::permission_denied) {  // walled off by its owner already
      never.back() = path.lexically_normal();
      error.clear();
    }
    if (error) return system_failure(error.value(), "cannot wall off " + quote(path.string()));
  }
  if (auto ok = seal.base(never); !ok) return ok.error();
  for (const auto& path : s.read) {
    if (auto ok = seal.read(path, never); !ok) return ok.error();
  }
  if (auto ok = seal.write(s.write); !ok) return ok.error();
  for (const auto& path : s.write) {
    std::error_code error;
    const fs::path folder = fs::weakly_canonical(path, error);
    for (const auto& n : never) {
      if (lies_in(n, folder)) {
        seal.note(quote(n.string()) + " is not walled off, for the manager writes in " + quote(folder.string()) +
                  ": give it a folder of its own");
      }
    }
  }
  return seal.close("the manager's files and no others", {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK});
}

}  // namespace sealring::agent
