#include "direct.hpp"

#include "hsm/cryptoki.hpp"

#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <mutex>
#include <vector>

namespace bench {
namespace {

CK_FUNCTION_LIST* p11 = nullptr;
CK_SLOT_ID slot = 0;

void check(CK_RV rv, const char* what) {
  if (rv != CKR_OK) give_up(std::string{what} + " answers " + std::to_string(rv));
}

CK_SESSION_HANDLE open_session() {
  CK_SESSION_HANDLE session = 0;
  check(p11->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session), "C_OpenSession");
  return session;
}

CK_OBJECT_HANDLE find(CK_SESSION_HANDLE session, const bytes& id) {
  CK_OBJECT_CLASS kind = CKO_PRIVATE_KEY;
  CK_BBOOL yes = CK_TRUE;
  CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &kind, sizeof kind},
                           {CKA_TOKEN, &yes, sizeof yes},
                           {CKA_ID, const_cast<std::uint8_t*>(id.data()), id.size()}};
  CK_OBJECT_HANDLE found[2]{};
  CK_ULONG count = 0;
  check(p11->C_FindObjectsInit(session, wanted, std::size(wanted)), "C_FindObjectsInit");
  check(p11->C_FindObjects(session, found, 2, &count), "C_FindObjects");
  check(p11->C_FindObjectsFinal(session), "C_FindObjectsFinal");
  if (count != 1) give_up(std::to_string(count) + " keys of the id that the keeper names");
  return found[0];
}

CK_OBJECT_HANDLE copied(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE original) {
  CK_BBOOL no = CK_FALSE;
  CK_ATTRIBUTE in_session{CKA_TOKEN, &no, sizeof no};
  CK_OBJECT_HANDLE made = 0;
  check(p11->C_CopyObject(session, original, &in_session, 1, &made), "C_CopyObject");
  return made;
}

/// Another process, which sends back what it is sent: as many bytes as a signature takes on the wire, each way.
class echo {
public:
  echo() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) give_up("cannot make a pair of sockets");
    other_ = ::fork();
    if (other_ == 0) {
      ::close(ends[0]);
      char buffer[512];
      for (ssize_t got; (got = ::recv(ends[1], buffer, sizeof buffer, 0)) > 0;)
        if (::send(ends[1], buffer, 100, MSG_NOSIGNAL) < 0) break;
      ::_exit(0);
    }
    ::close(ends[1]);
    socket_ = ends[0];
  }
  echo(const echo&) = delete;
  echo& operator=(const echo&) = delete;
  ~echo() {
    ::close(socket_);
    ::waitpid(other_, nullptr, 0);
  }
  void operator()() const {
    char buffer[200]{};
    if (::send(socket_, buffer, sizeof buffer, MSG_NOSIGNAL) < 0 || ::recv(socket_, buffer, sizeof buffer, 0) <= 0)
      give_up("the echo has gone");
  }

private:
  pid_t other_ = -1;
  int socket_ = -1;
};

}  // namespace

void open_token(const std::string& module, const std::string& label, const std::string& pin) {
  void* library = dlopen(module.c_str(), RTLD_NOW | RTLD_LOCAL);
  const auto get = library != nullptr ? reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList")) : nullptr;
  if (get == nullptr) give_up("cannot load " + module);
  check(get(&p11), "C_GetFunctionList");
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  check(p11->C_Initialize(&arguments), "C_Initialize");
  CK_ULONG count = 0;
  check(p11->C_GetSlotList(CK_TRUE, nullptr, &count), "C_GetSlotList");
  std::vector<CK_SLOT_ID> slots(count);
  check(p11->C_GetSlotList(CK_TRUE, slots.data(), &count), "C_GetSlotList");
  for (const auto each : slots) {
    CK_TOKEN_INFO info{};
    check(p11->C_GetTokenInfo(each, &info), "C_GetTokenInfo");
    if (sealring::hsm::trimmed(info.label) != label) continue;
    slot = each;
    auto* const octets = reinterpret_cast<CK_UTF8CHAR*>(const_cast<char*>(pin.data()));
    check(p11->C_Login(open_session(), CKU_USER, octets, pin.size()), "C_Login");  // that session stays, and the login with it
    return;
  }
  give_up("no token " + label);
}

side directly(const key& k, manner how) {
  return [&k, how]() -> sign_one {
    const auto session =
        std::shared_ptr<const CK_SESSION_HANDLE>{new CK_SESSION_HANDLE{open_session()}, [](const CK_SESSION_HANDLE* s) {
                                                   p11->C_CloseSession(*s);
                                                   delete s;
                                                 }};
    static std::mutex one_at_a_time;  // SoftHSM shows a copy to others before it is finished
    const std::lock_guard lock{one_at_a_time};
    const auto original = find(*session, k.id);
    const auto handle = how == manner::token_object ? original : copied(*session, original);
    const auto before = how == manner::copy_after_echo ? std::make_shared<const echo>() : nullptr;
    return [session, handle, before, algorithm = k.algorithm](bytes_view message) {
      if (before) (*before)();
      CK_RSA_PKCS_PSS_PARAMS pss{CKM_SHA256, CKG_MGF1_SHA256, sealring::sha256::size};
      CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
      if (algorithm == algorithm_id::ps256) mechanism = {CKM_RSA_PKCS_PSS, &pss, sizeof pss};
      auto digest = sealring::hash<sealring::sha256>(message).value();
      check(p11->C_SignInit(*session, &mechanism, handle), "C_SignInit");
      bytes signature(512);
      CK_ULONG size = signature.size();
      check(p11->C_Sign(*session, const_cast<CK_BYTE*>(digest.view().data()), digest.view().size(), signature.data(), &size),
            "C_Sign");
      signature.resize(size);
      return signature;
    };
  };
}

}  // namespace bench
