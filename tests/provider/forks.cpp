// A server's life with the provider in it: threads sign, children are forked meanwhile, and both find their sockets closed
// behind their backs and the numbers given to others. No signature may fail, and no octet may reach the others.
// usage: forks PROVIDER-FOLDER [ROUNDS [THREADS]]
//
// No test framework in threads and children: what goes wrong is said on stderr and counted.
#include "agent/client/key_reference.hpp"
#include "wire/keeper_of_one.hpp"

#include <openssl/pem.h>
#include <openssl/provider.h>

#include <algorithm>
#include <cstdio>
#include <mutex>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace {

using namespace sealring;

constexpr int children = 8, signatures = 10;

// libcrypto guards its tables of algorithms with locks that a child inherits as they are: one that another thread holds while
// we fork stays shut in the child for ever, with a key in software just as well. So nobody looks anything up there during a
// fork. Whoever is about to sign, or waits for the agent, is taken by surprise.
std::mutex lookups;

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "forks: %s\n", what);
  ERR_print_errors_fp(stderr);
  std::_Exit(2);
}

/// The keeper, in a process of its own that ends with this one. Returns once it listens.
pid_t start_keeper(const std::string& where, const software_key<es256>& key) {
  int ready[2];
  if (::pipe(ready) != 0) give_up("pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::close(ready[0]);
    test::keeper_of_one keeper{key};
    const test::server served{where, std::ref(keeper)};
    if (::write(ready[1], "", 1) != 1) give_up("write");
    for (;;) ::pause();
  }
  ::close(ready[1]);
  char octet = 0;
  if (child < 0 || ::read(ready[0], &octet, 1) != 1) give_up("no keeper");
  ::close(ready[0]);
  return child;
}

/// A key that the provider holds, and the same key's public half in software.
struct held {
  OSSL_LIB_CTX* library = OSSL_LIB_CTX_new();
  OSSL_PROVIDER* software = nullptr;
  OSSL_PROVIDER* ours = nullptr;
  EVP_PKEY* key = nullptr;
  EVP_PKEY* public_half = nullptr;

  held(const char* folder, const client::key_reference& r) {
    OSSL_PROVIDER_set_default_search_path(library, folder);
    software = OSSL_PROVIDER_load(library, "default");
    ours = OSSL_PROVIDER_load(library, "sealring");
    const auto pem = client::to_pem(r).value();
    const detail::bio in{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    key = PEM_read_bio_PrivateKey_ex(in.get(), nullptr, nullptr, nullptr, library, nullptr);
    const auto* at = r.spki.data();
    public_half = d2i_PUBKEY_ex(nullptr, &at, static_cast<long>(r.spki.size()), library, "provider=default");
    if (software == nullptr || ours == nullptr || key == nullptr || public_half == nullptr) give_up("no key");
  }
  held(const held&) = delete;
  held& operator=(const held&) = delete;
  ~held() {
    EVP_PKEY_free(key);
    EVP_PKEY_free(public_half);
    OSSL_PROVIDER_unload(ours);
    OSSL_PROVIDER_unload(software);
    OSSL_LIB_CTX_free(library);
  }

  /// One signature, and its verification by the default provider.
  bool works() const {
    const unsigned char text[146]{};
    unsigned char signature[128];
    std::size_t size = sizeof signature;
    std::unique_lock looking_up{lookups};
    const detail::evp_md_ctx signing{EVP_MD_CTX_new()}, verifying{EVP_MD_CTX_new()};
    bool good = EVP_DigestSignInit_ex(signing.get(), nullptr, "SHA256", library, nullptr, key, nullptr) == 1;
    looking_up.unlock();
    good = good && EVP_DigestSign(signing.get(), signature, &size, text, sizeof text) == 1;
    looking_up.lock();
    good = good && EVP_DigestVerifyInit_ex(verifying.get(), nullptr, "SHA256", library, nullptr, public_half, nullptr) == 1 &&
           EVP_DigestVerify(verifying.get(), signature, size, text, sizeof text) == 1;
    if (!good) ERR_print_errors_fp(stderr);
    return good;
  }

  int failures(int times) const {
    int failed = 0;
    while (times-- > 0) failed += works() ? 0 : 1;
    return failed;
  }
};

/// Sockets of somebody else, under the numbers that the provider's had. What is sent to them is found out.
class foreign {
public:
  /// Closes every socket that is open, and puts a foreign one in its place.
  foreign() {
    constexpr int far_away = 700;  // where no number of ours is
    for (int fd = 3; fd < 500; ++fd) {
      struct stat status{};
      if (::fstat(fd, &status) != 0 || !S_ISSOCK(status.st_mode)) continue;
      int ends[2];
      if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) give_up("socketpair");
      const int other = ::fcntl(ends[1], F_DUPFD_CLOEXEC, far_away);
      if (other < 0 || ::dup2(ends[0], fd) != fd) give_up("dup2");
      if (ends[0] != fd) ::close(ends[0]);
      ::close(ends[1]);
      taken_.push_back({fd, other});
    }
  }
  foreign(const foreign&) = delete;
  foreign& operator=(const foreign&) = delete;
  ~foreign() {
    for (const auto& [fd, other] : taken_) ::close(fd), ::close(other);
  }

  std::size_t count() const { return taken_.size(); }

  /// Foreign sockets that had something to read, or that are no longer open.
  int touched() const {
    int wrong = 0;
    for (const auto& [fd, other] : taken_) {
      char octet = 0;
      const bool silent = ::recv(other, &octet, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
      if (!silent) std::fprintf(stderr, "forks: a foreign socket was touched\n"), ++wrong;
    }
    return wrong;
  }

private:
  struct pair {
    int fd, other;
  };
  std::vector<pair> taken_;
};

/// Of a child: it signs, in a thread of its own too, with sockets that are the parent's, and then with numbers that are
/// others'.
int child(const held& key, bool close_first) {
  ::alarm(60);  // a lock that nobody opens
  int wrong = close_first ? 0 : key.failures(signatures / 2);
  const foreign others;
  int beside_failed = 0;
  std::thread beside{[&] { beside_failed = key.failures(1); }};
  beside.join();
  wrong += beside_failed + key.failures(signatures);
  return wrong + others.touched();
}

int round_of(const held& key, int threads) {
  std::atomic<bool> go_on{true};
  std::atomic<int> wrong{0}, made{0};
  std::vector<std::thread> signers;
  for (int i = 0; i < threads; ++i)
    signers.emplace_back([&] {
      for (; go_on; ++made) wrong += key.works() ? 0 : 1;
    });
  while (made < 2 * threads) std::this_thread::yield();
  if (threads == 0) wrong += key.failures(signatures);
  std::vector<pid_t> forked;
  for (int i = 0; i < children; ++i) {
    std::unique_lock none_looks_up{lookups};
    const pid_t pid = ::fork();
    none_looks_up.unlock();
    if (pid == 0) std::_Exit(std::min(child(key, i % 2 == 0), 100));
    if (pid < 0) give_up("fork");
    forked.push_back(pid);
  }
  for (const pid_t pid : forked) {
    int status = 0;
    if (::waitpid(pid, &status, 0) != pid || status != 0) {
      std::fprintf(stderr, "forks: a child ended with status %#x\n", static_cast<unsigned>(status));
      ++wrong;
    }
  }
  go_on = false;
  for (auto& one : signers) one.join();

  const foreign others;  // now the same to ourselves
  if (others.count() == 0) give_up("no socket was open");
  wrong += key.failures(signatures);
  return wrong + others.touched();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 1, threads = argc > 3 ? std::atoi(argv[3]) : 4;
  const auto signer = software_key<es256>::generate().value();
  const auto where = test::fresh_address();
  const pid_t keeper = start_keeper(where, signer);
  int wrong = 0;
  for (int i = 0; i < rounds; ++i) {  // loaded and unloaded each time
    const held key{argv[1], {"example.com", {where}, ::geteuid(), to_spki(signer.public_key()).value()}};
    wrong += round_of(key, threads);
  }
  ::kill(keeper, SIGKILL);
  ::waitpid(keeper, nullptr, 0);
  std::printf("%d rounds of %d children and %d threads: %d failures\n", rounds, children, threads, wrong);
  return wrong == 0 ? 0 : 1;
}
