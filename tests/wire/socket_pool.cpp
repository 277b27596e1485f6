#include "agent/client/socket_pool.hpp"

#include "agent/client/connection.hpp"
#include "unit/support.hpp"
#include "wire/server.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cstring>

namespace sealring::test {
namespace {

using client::descriptor;
using client::socket_pool;

client::instant soon() { return std::chrono::steady_clock::now() + std::chrono::seconds{20}; }

descriptor some_socket() { return descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)}; }

off_t size_of(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 ? status.st_size : -1;
}

/// A file of somebody else under that number. Another name for it stays good when the number is closed.
descriptor give_away(int number) {
  descriptor file{::memfd_create("foreign", MFD_CLOEXEC)};
  REQUIRE(::dup2(file.get(), number) == number);
  return file;
}

/// The number of the socket that is connected to that address.
int socket_to(const std::string& where) {
  const auto address = client::address::parse(where).value();
  for (int fd = 3; fd < 1000; ++fd) {
    sockaddr_un peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 && size == address.size() &&
        std::memcmp(&peer, address.raw(), size) == 0)
      return fd;
  }
  return -1;
}

struct greeter {
  server served{fresh_address(), [](int fd, const wire::request& r) { return answer(fd, r, wire::hello_reply{}), true; }};
  std::shared_ptr<client::connection> connection =
      client::connection::to(std::vector{served.address()}, {.deadline = std::chrono::seconds{20}}).value();
};

/// What `work` returns in a child process.
template <class Work>
int in_child(Work work) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    ::_exit(work());
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("a socket is there for the next turn", "[socket_pool]") {
  socket_pool pool;
  int number = -1;
  {
    socket_pool::turn mine{pool, soon()};
    CHECK(mine.fd() == -1);
    mine.open(some_socket());
    number = mine.fd();
    CHECK(number >= 0);
  }
  const socket_pool::turn again{pool, soon()};
  CHECK(again.fd() == number);
  const socket_pool::turn beside{pool, soon()};
  CHECK(beside.fd() == -1);
}

TEST_CASE("a number that was closed is forgotten", "[socket_pool]") {
  socket_pool pool;
  const auto open_one = [&] {
    socket_pool::turn mine{pool, soon()};
    mine.open(some_socket());
    return mine.fd();
  };
  ::close(open_one());
  {
    const socket_pool::turn again{pool, soon()};
    CHECK(again.fd() == -1);
  }
  const int number = open_one();
  const auto file = give_away(number);
  {
    const socket_pool::turn again{pool, soon()};
    CHECK(again.fd() == -1);
  }
  CHECK(::fcntl(number, F_GETFD) >= 0);  // it is theirs, so that it stays open
  ::close(number);

  const int other = open_one();
  REQUIRE(::dup2(some_socket().get(), other) == other);  // another socket is as foreign as a file
  const socket_pool::turn again{pool, soon()};
  CHECK(again.fd() == -1);
  ::close(other);
}

TEST_CASE("a pool that goes closes its own sockets alone", "[socket_pool]") {
  int own = -1, foreign = -1;
  descriptor file;
  {
    socket_pool pool;
    socket_pool::turn one{pool, soon()}, two{pool, soon()};
    one.open(some_socket());
    two.open(some_socket());
    own = one.fd();
    foreign = two.fd();
    file = give_away(foreign);
  }
  CHECK(::fcntl(own, F_GETFD) < 0);
  CHECK(::fcntl(foreign, F_GETFD) >= 0);
  ::close(foreign);
}

TEST_CASE("a child process takes no socket of its parent's", "[socket_pool]") {
  socket_pool pool;
  socket_pool::turn held{pool, soon()};  // by a thread that the child has not
  {
    socket_pool::turn mine{pool, soon()};
    mine.open(some_socket());
  }
  CHECK(in_child([&] {
          const socket_pool::turn first{pool, soon()}, second{pool, soon()};
          return first.taken() && second.taken() && first.fd() == -1 && second.fd() == -1 ? 0 : 1;
        }) == 0);
  const socket_pool::turn mine{pool, soon()};
  CHECK(mine.fd() >= 0);
}

TEST_CASE("calls go on where their socket's number means another file", "[socket_pool]") {
  greeter g;
  REQUIRE(g.connection->hello().has_value());
  const int number = socket_to(g.served.address());
  REQUIRE(number >= 0);
  const auto file = give_away(number);
  CHECK(g.connection->hello().has_value());
  CHECK(g.served.connections() == 2);
  CHECK(size_of(file.get()) == 0);
  CHECK(::lseek(file.get(), 0, SEEK_CUR) == 0);
  ::close(number);
}

TEST_CASE("so they do in a child process", "[socket_pool]") {
  greeter g;
  REQUIRE(g.connection->hello().has_value());
  const int number = socket_to(g.served.address());
  REQUIRE(number >= 0);
  CHECK(in_child([&] {
          const descriptor file{::memfd_create("foreign", MFD_CLOEXEC)};
          if (::dup2(file.get(), number) != number) return 2;
          if (!g.connection->hello() || !g.connection->hello()) return 3;
          return size_of(file.get()) == 0 && size_of(number) == 0 ? 0 : 4;
        }) == 0);
  CHECK(g.connection->hello().has_value());  // the parent's is untouched
  CHECK(g.served.connections() == 2);
}

TEST_CASE("an only socket whose number means another file is gone", "[socket_pool]") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  const descriptor keeper{ends[1]};
  const auto connection = client::connection::on(ends[0], {.deadline = std::chrono::seconds{20}});
  const auto file = give_away(ends[0]);
  const auto refused = connection->hello();
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == wire::errc::closed);
  CHECK(size_of(file.get()) == 0);
  ::close(ends[0]);
}

}  // namespace sealring::test
