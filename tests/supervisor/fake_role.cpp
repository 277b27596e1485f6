// A role for the tests of the supervisor: does one thing, told by its first argument.
//
//   serve       answers each connection with its process id, or "link" with the first line that came over the link
//   slow        is alive, and ready only after a second
//   refused     could not start, for a reason only a person can mend
//   crash       ends at once
//   troubled    ready, in trouble, ready again, in trouble again, and at its end
//   hang        never shows a sign of life
//   stubborn    ignores SIGTERM
//   manager     sends "hello from PID" over each link it is given
//   asking      has certificate "a" deployed, and sends what it is answered over the newest link
//   show        writes what it was given to the file named by its second argument

#include "agent/supervisor/descriptors.hpp"
#include "agent/supervisor/heartbeat.hpp"
#include "agent/supervisor/links.hpp"
#include "agent/supervisor/requests.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace sealring::agent;

namespace {

volatile std::sig_atomic_t reloads = 0;

int serve(const keeper_descriptors& d) {
  std::string linked;
  descriptor link;
  show_ready(d.alive);
  while (true) {
    std::vector<pollfd> poll;
    for (const int fd : d.listeners) poll.push_back({fd, POLLIN, 0});
    poll.push_back({d.links, POLLIN, 0});
    poll.push_back({link.get(), POLLIN, 0});
    static_cast<void>(::poll(poll.data(), poll.size(), 100));
    show_alive(d.alive);
    if (poll[poll.size() - 1].revents & POLLIN) {
      std::array<char, 100> buffer{};
      const ssize_t got = ::read(link.get(), buffer.data(), buffer.size());
      if (got > 0) linked.assign(buffer.data(), static_cast<std::size_t>(got));
      if (got == 0) link.reset();
    }
    if (poll[poll.size() - 2].revents & POLLIN) {
      auto got = receive_link(d.links);
      if (!got) return 1;
      if (*got) link = std::move((*got)->socket);
    }
    for (const int fd : d.listeners) {
      const descriptor client(::accept(fd, nullptr, nullptr));
      if (!client) continue;
      const std::string text = std::to_string(::getpid()) + " " + std::to_string(reloads) + " " + linked + "\n";
      if (::write(client.get(), text.data(), text.size()) < 0) return 1;
    }
  }
}

int manage(const keeper_descriptors& d, bool asking) {
  descriptor link;
  show_ready(d.alive);
  if (asking && !send_message(d.links, encode(numbered_request{1, deploy_request{"a"}}))) return 1;
  while (true) {
    pollfd poll{d.links, POLLIN, 0};
    static_cast<void>(::poll(&poll, 1, 100));
    show_alive(d.alive);
    if ((poll.revents & POLLIN) == 0) continue;
    auto got = receive(d.links);
    if (!got) return 1;
    if (!*got) continue;
    std::string text = std::move((*got)->message);
    std::replace(text.begin(), text.end(), '\n', ' ');
    if ((*got)->link.socket) {
      link = std::move((*got)->link.socket);
      text = "hello from " + std::to_string(::getpid());
    }
    if (::write(link.get(), text.data(), text.size()) < 0) link.reset();  // that keeper has died, and another comes
  }
}

int show(const keeper_descriptors& d, const std::string& file, int count, char** arguments) {
  std::ofstream out(file);
  for (int i = 0; i < count; ++i) out << "argument " << arguments[i] << '\n';
  for (char** variable = environ; *variable; ++variable) out << "variable " << *variable << '\n';
  for (int fd = 0; fd < 64; ++fd) {
    // Not by a list of the folder, whose own descriptor would be in it. The file is open as the lowest free one.
    if (::fcntl(fd, F_GETFD) >= 0) out << "descriptor " << fd << '\n';
  }
  out << "user " << ::getuid() << ' ' << ::geteuid() << ' ' << ::getgid() << '\n';
  out << "session " << (::getsid(0) == ::getpid()) << '\n';
  std::array<char, 64> secret{};
  const ssize_t got = d.pin >= 0 ? ::pread(d.pin, secret.data(), secret.size(), 0) : 0;
  if (got > 0) out << "pin " << std::string_view(secret.data(), static_cast<std::size_t>(got)) << '\n';
  out.close();
  show_ready(d.alive);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGHUP, [](int) { reloads = reloads + 1; });
  sigset_t heard;  // what came before waits until now
  ::sigemptyset(&heard);
  ::sigaddset(&heard, SIGHUP);
  ::sigprocmask(SIG_UNBLOCK, &heard, nullptr);
  const std::string what = count > 1 ? arguments[1] : "";
  const auto told = parse_descriptors(count > 2 ? arguments[count - 1] : "?");
  if (!told) {
    std::cerr << told.error().what << '\n';
    return 2;
  }
  if (what == "show") return show(*told, arguments[2], count, arguments);
  if (const auto adopted = adopt(*told); !adopted) {
    std::cerr << adopted.error().what << '\n';
    return 2;
  }
  if (what == "serve") return serve(*told);
  if (what == "stubborn") {
    std::signal(SIGTERM, SIG_IGN);
    return serve(*told);
  }
  if (what == "manager" || what == "asking") return manage(*told, what == "asking");
  if (what == "slow") {
    for (int i = 0; i < 10; ++i) {
      ::usleep(100'000);
      show_alive(told->alive);
    }
    return serve(*told);
  }
  if (what == "refused") {
    show_failure(told->alive, "the token\nrefused the PIN");
    return exit_operator_needed;
  }
  if (what == "troubled") {
    for (int i = 0; i < 2; ++i) {
      show_ready(told->alive);
      show_trouble(told->alive, "the token is down");
    }
    return 0;
  }
  if (what == "hang")
    while (true) ::pause();
  return 1;
}
