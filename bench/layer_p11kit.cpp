// p11-kit's remoting: the bare calls, through its client module, in a p11-kit server that has the token's module.
#include "bench/child.hpp"
#include "bench/layer_raw.hpp"
#include "bench/measures.hpp"

#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <thread>

namespace sealring::bench {

/// The server, and the same token as its client module shows it.
class remoting {
public:
  [[nodiscard]] static result<std::shared_ptr<remoting>> start(bed& b);
  bench_token& token() const noexcept { return *token_; }
  /// It has one process for each client.
  std::vector<pid_t> processes() const {
    auto all = children_of(server_->id());
    all.push_back(server_->id());
    return all;
  }

private:
  remoting() = default;
  std::unique_ptr<temporary_folder> folder_{};
  std::unique_ptr<child> server_{};
  std::unique_ptr<bench_token> token_{};
};

namespace {

std::filesystem::path first_there(std::initializer_list<const char*> files) {
  for (const char* file : files)
    if (::access(file, R_OK) == 0) return file;
  return {};
}

/// RFC 7512 section 2.3: what is not unreserved may mean something else in one place or another.
std::string percent_encoded(std::string_view text) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if ((std::isalnum(octet) != 0 && octet < 0x80) || std::string_view{"-._~"}.find(c) != std::string_view::npos) out += c;
    else out += {'%', hex[octet >> 4], hex[octet & 15]};
  }
  return out;
}

}  // namespace

result<std::shared_ptr<remoting>> remoting::start(bed& b) {
  const auto program = first_there({"/usr/bin/p11-kit", "/usr/local/bin/p11-kit"});
  const auto module = first_there({"/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-client.so",
                                   "/usr/lib/aarch64-linux-gnu/pkcs11/p11-kit-client.so", "/usr/lib64/pkcs11/p11-kit-client.so",
                                   "/usr/lib/pkcs11/p11-kit-client.so", "/usr/local/lib/pkcs11/p11-kit-client.so"});
  if (program.empty() || module.empty())
    return fail(condition::unsupported, "p11-kit and its client module are not installed (Debian: p11-kit, p11-kit-modules)");
  auto folder = temporary_folder::make();
  if (!folder) return folder.error();
  std::shared_ptr<remoting> made{new remoting};
  made->folder_ = *std::move(folder);
  const std::string socket = (made->folder_->path() / "p11-kit").string();
  const std::string words[] = {program.string(),
                               "server",
                               "--foreground",
                               "--name",
                               socket,
                               "--provider",
                               b.token.section().module.string(),
                               "pkcs11:serial=" + percent_encoded(b.token.info().serial)};
  auto server = child::start(words, made->folder_->path() / "log");
  if (!server) return server.error();
  made->server_ = *std::move(server);
  for (const auto patience = clock::now() + std::chrono::seconds{20}; ::access(socket.c_str(), W_OK) != 0;) {
    if (made->server_->gone() || clock::now() > patience)
      return fail(condition::unsupported, "p11-kit's server does not start: " + last_line(made->folder_->path() / "log"));
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  ::setenv("P11_KIT_SERVER_ADDRESS", ("unix:path=" + socket).c_str(), 1);
  auto section = b.token.section();
  section.module = module;
  section.token = "serial=" + b.token.info().serial;
  section.init_args.clear();
  auto token = bench_token::open(section, b.state, {});
  if (!token) return token.error();
  made->token_ = *std::move(token);
  return made;
}

result<std::unique_ptr<layer>> make_p11kit(bed& b, const kind& k) {
  std::error_code bad;
  if (std::filesystem::weakly_canonical(b.token.section().module, bad).filename() == "p11-kit-client.so")
    return fail(condition::unsupported, "the token's own module is p11-kit's client: all layers go through p11-kit");
  if (b.token.asks_a_person()) return fail(condition::unsupported, "p11-kit's server wants the PIN once more: --pin-file");
  auto key = b.token.key(k);
  if (!key) return key.error();
  if (b.no_remote) return *b.no_remote;
  if (!b.remote) {
    auto started = remoting::start(b);
    if (!started) return *(b.no_remote = started.error());
    b.remote = *std::move(started);
  }
  return make_raw_layer(b.remote->token(), *key, k.algorithm, false, [remote = b.remote] { return remote->processes(); });
}

}  // namespace sealring::bench
