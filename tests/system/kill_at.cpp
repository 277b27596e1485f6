// A library to preload: ends the process, as kill -9 does, where its KILL_AT'th step begins. A step is a request, or a change
// to the file system that is made durable or switches something over.
#include <dlfcn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace {

void step() {
  static std::atomic<long> left{[] {
    const char* at = std::getenv("KILL_AT");
    return at != nullptr ? std::atol(at) : 0;
  }()};
  if (--left == 0) std::raise(SIGKILL);
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

// As in the headers, but for noexcept, which is theirs to say.
extern "C" {

int fsync(int fd) { return step(), next<int(int)>("fsync")(fd); }
int fdatasync(int fd) { return step(), next<int(int)>("fdatasync")(fd); }
int rename(const char* from, const char* to) noexcept {
  return step(), next<int(const char*, const char*)>("rename")(from, to);
}
int link(const char* from, const char* to) noexcept { return step(), next<int(const char*, const char*)>("link")(from, to); }
int symlink(const char* to, const char* at) noexcept { return step(), next<int(const char*, const char*)>("symlink")(to, at); }
int unlink(const char* path) noexcept { return step(), next<int(const char*)>("unlink")(path); }
ssize_t send(int fd, const void* data, size_t size, int flags) {
  return step(), next<ssize_t(int, const void*, size_t, int)>("send")(fd, data, size, flags);
}

}  // extern "C"
