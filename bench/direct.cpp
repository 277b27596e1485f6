#include "direct.hpp"

#include "hsm/cryptoki.hpp"

#include <dlfcn.h>

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

side directly(const key& k, bool copy) {
  return [&k, copy]() -> sign_one {
    const auto session =
        std::shared_ptr<const CK_SESSION_HANDLE>{new CK_SESSION_HANDLE{open_session()}, [](const CK_SESSION_HANDLE* s) {
                                                   p11->C_CloseSession(*s);
                                                   delete s;
                                                 }};
    static std::mutex one_at_a_time;  // SoftHSM shows a copy to others before it is finished
    const std::lock_guard lock{one_at_a_time};
    const auto original = find(*session, k.id);
    const auto handle = copy ? copied(*session, original) : original;
    return [session, handle, algorithm = k.algorithm](bytes_view message) {
      CK_RSA_PKCS_PSS_PARAMS pss{CKM_SHA256, CKG_MGF1_SHA256, sealring::sha256::size};
      CK_MECHANISM how{CKM_ECDSA, nullptr, 0};
      if (algorithm == algorithm_id::ps256) how = {CKM_RSA_PKCS_PSS, &pss, sizeof pss};
      auto digest = sealring::hash<sealring::sha256>(message).value();
      check(p11->C_SignInit(*session, &how, handle), "C_SignInit");
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
