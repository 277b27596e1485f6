#include "agent/supervisor/seccomp.hpp"

#include "agent/supervisor/descriptor.hpp"
#include "agent/supervisor/system_calls.hpp"

#include <seccomp.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sealring::agent {
namespace {

struct release {
  void operator()(void* filter) const noexcept { ::seccomp_release(filter); }
};
using filter_handle = std::unique_ptr<void, release>;

// The kernel takes 32 bits of these arguments, whatever the program has put above them.
scmp_arg_cmp equals(unsigned argument, std::uint32_t value) { return {argument, SCMP_CMP_MASKED_EQ, 0xffffffffu, value}; }

// The rules of one filter; the first failure stays.
class rules {
public:
  explicit rules(scmp_filter_ctx filter) : filter_(filter) {}

  void allow(std::string_view name) { add(SCMP_ACT_ALLOW, name, {}); }
  void allow(std::string_view name, const std::vector<scmp_arg_cmp>& where) { add(SCMP_ACT_ALLOW, name, where); }
  void refuse(std::string_view name, int error) { add(SCMP_ACT_ERRNO(static_cast<unsigned>(error)), name, {}); }
  void set(scmp_filter_attr what, std::uint32_t value) {
    if (error_ == 0) error_ = ::seccomp_attr_set(filter_, what, value);
  }
  [[nodiscard]] int error() const noexcept { return error_; }

private:
  void add(std::uint32_t action, std::string_view name, const std::vector<scmp_arg_cmp>& where) {
    const int number = ::seccomp_syscall_resolve_name(std::string(name).c_str());
    if (number == __NR_SCMP_ERROR || error_ != 0) return;
    error_ = ::seccomp_rule_add_array(filter_, action, number, static_cast<unsigned>(where.size()), where.data());
    if (error_ == -EDOM) error_ = 0;  // a call that this architecture has not
  }
  scmp_filter_ctx filter_;
  int error_ = 0;
};

void add_rules(rules& r, const std::vector<int>& families) {
  std::string_view rest = allowed_calls;
  while (!rest.empty()) {
    const auto name = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    r.allow(name);
  }
  for (const int family : families) {
    r.allow("socket", {equals(0, static_cast<std::uint32_t>(family))});
    r.allow("socketpair", {equals(0, static_cast<std::uint32_t>(family))});
  }
  const auto self = static_cast<std::uint32_t>(::getpid());
  for (const char* name : {"kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "prlimit64"})
    r.allow(name, {equals(0, self)});
  r.allow("kill", {equals(1, 0)});  // whether a process is there
  r.allow("prlimit64", {equals(0, 0)});
  constexpr std::uint64_t namespaces =
      CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;
  r.allow("clone", {{0, SCMP_CMP_MASKED_EQ, namespaces, 0}});
  // Its flags are in memory, where no filter looks. The C library then does with clone.
  r.refuse("clone3", ENOSYS);
}

int load(const std::vector<int>& families, std::uint32_t otherwise, descriptor* listener) {
  const filter_handle filter(::seccomp_init(otherwise));
  if (!filter) return ENOMEM;
  rules r(filter.get());
  r.set(SCMP_FLTATR_CTL_TSYNC, 1);
  // A tree of comparisons, for there are some 300.
  r.set(SCMP_FLTATR_CTL_OPTIMIZE, 2);
  add_rules(r, families);
  if (r.error() != 0) return -r.error();
  if (const int error = ::seccomp_load(filter.get()); error != 0) return -error;
  if (!listener) return 0;
  *listener = descriptor(::seccomp_notify_fd(filter.get()));
  return *listener ? 0 : EBADF;
}

// What the kernel asks and what we answer, of the sizes that it wants. Asking for those is a call that the filter refuses.
struct notification {
  seccomp_notif* question = nullptr;
  seccomp_notif_resp* reply = nullptr;
  notification() {
    if (::seccomp_notify_alloc(&question, &reply) != 0) question = nullptr;
  }
  notification(const notification&) = delete;
  notification& operator=(const notification&) = delete;
  ~notification() {
    if (question) ::seccomp_notify_free(question, reply);
  }
};

// Refuses every call that is asked about. A handler of SIGSYS could do it too, but not in a thread that blocks its signals, and
// the threads of vendors' modules do. A refused call of its own would wait for itself: it makes none but ioctl.
void answer_call(const descriptor& listener, const notification& n, const std::function<void(blocked_call)>& report) {
  auto* const question = n.question;
  auto* const reply = n.reply;
  while (true) {
    const int error = ::seccomp_notify_receive(listener.get(), question);
    if (error != 0) {
      // The caller was killed before we could hear of it, or the wait was interrupted.
      if (errno == ENOENT || errno == EINTR) continue;
      break;
    }
    const int number = question->data.nr;
    report({number, static_cast<std::uint32_t>(question->data.args[0])});
    char* const known = ::seccomp_syscall_resolve_num_arch(question->data.arch, number);
    reply->id = question->id;
    reply->val = 0;
    reply->flags = 0;
    // The C library has other ways where a call is not there, but none where it is forbidden: new ones must look missing.
    reply->error = known ? -EPERM : -ENOSYS;
    std::free(known);
    static_cast<void>(::seccomp_notify_respond(listener.get(), reply));
  }
}

}  // namespace

std::string blocked_call::name() const {
  char* const known = ::seccomp_syscall_resolve_num_arch(::seccomp_arch_native(), number);
  std::string out = known ? known : "system call " + std::to_string(number);
  std::free(known);
  if (out != "socket" && out != "socketpair") return out;
  switch (first_argument) {
    case AF_INET: return out + "(AF_INET)";
    case AF_INET6: return out + "(AF_INET6)";
    case AF_NETLINK: return out + "(AF_NETLINK)";
    case AF_PACKET: return out + "(AF_PACKET)";
    case AF_VSOCK: return out + "(AF_VSOCK)";
    default: return out + "(family " + std::to_string(first_argument) + ")";
  }
}

result<naming> filter_system_calls(const std::vector<int>& families, std::function<void(blocked_call)> report) {
  descriptor listener;
  auto memory = std::make_unique<notification>();
  // EBUSY: whoever started us (a container's runtime) listens already, and there can be but one.
  int error = memory->question ? load(families, SCMP_ACT_NOTIFY, &listener) : ENOSYS;
  if (error != 0) {
    error = load(families, SCMP_ACT_ERRNO(EPERM), nullptr);
    if (error != 0) return system_failure(error, "cannot filter system calls (seccomp)");
    return naming::kernel_cannot;
  }
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  // It holds nothing of ours but what it was given, and ends with the process.
  std::thread([listener = std::move(listener), memory = std::move(memory), report = std::move(report)] {
    answer_call(listener, *memory, report);
  }).detach();
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return naming::yes;
}

}  // namespace sealring::agent
