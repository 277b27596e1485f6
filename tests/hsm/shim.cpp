// A PKCS#11 module that stands between sealring and the real one (SHIM_MODULE): it counts, and it misbehaves on request.
//
// What it is told comes from the environment when it is loaded, for programs, or by shim_set(), for tests in the same process:
//   SHIM_LOG             file that gets a line for every C_Login that reaches the real module
//   SHIM_FAIL            C_Sign:2:0x30   the 2nd C_Sign from now on fails with 0x30; 0 means each; "crash" ends the process
//                        before the real call, "hang" returns when the rule has gone; several, comma-separated
//   SHIM_FAIL_FILE       the same, for programs: a file, read at each call while it is there
//   SHIM_MAX_SESSIONS    C_OpenSession refuses more than this
//   SHIM_SESSION_CODE    with this code rather than CKR_SESSION_COUNT
//   SHIM_TOKEN_FLAGS     set these flags in every C_GetTokenInfo
//   SHIM_TOKEN_SERIAL    what C_GetTokenInfo says for a serial number
//   SHIM_INIT_ARGS       C_Initialize wants exactly this string
//   SHIM_CANT_LOCK       C_Initialize refuses CKF_OS_LOCKING_OK
//   SHIM_LIBRARY         what C_GetInfo says of the library
//   SHIM_RAW_POINT       CKA_EC_POINT without its OCTET STRING
//   SHIM_NO_MECHANISM    pretend that the token lacks this mechanism
//   SHIM_DER             ECDSA signatures as DER
//   SHIM_CHANGES_DATA    CKA_VALUE of an object can be changed, which SoftHSM refuses; the shim keeps the new one
//   SHIM_BAD_SIGNATURE   every signature has its last bit turned over
//   SHIM_COPY            what C_CopyObject makes: "extractable"; "token", a token object; "slow", one that takes 2 ms more to
//                        sign with; "bad", one whose signatures have their last bit turned over; "fast": all else is slow
#include "hsm/cryptoki.hpp"
#include "sealring/ecdsa_der.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if __has_feature(address_sanitizer) || defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
using leaks_are_theirs = __lsan::ScopedDisabler;  // SoftHSM 2.6.1 loses the name of the curve of each Ed25519 key that it makes
#else
struct leaks_are_theirs {
  leaks_are_theirs() {}
};
#endif

#define SHIM_PUBLIC extern "C" __attribute__((visibility("default")))

namespace {

struct shim {
  std::mutex mutex;
  std::map<std::string, std::string> settings;
  std::map<std::string, unsigned long> calls;    // since the module was loaded
  std::map<std::string, unsigned long> counted;  // since SHIM_FAIL was set
  unsigned long sessions = 0;
  std::set<CK_OBJECT_HANDLE> copies;
  std::map<CK_SESSION_HANDLE, bool> with_copy;      // by session: whether it signs with one
  std::map<CK_OBJECT_HANDLE, std::string> changed;  // CKA_VALUE
  CK_FUNCTION_LIST* real = nullptr;
  CK_FUNCTION_LIST list{};

  shim() {
    for (const char* name : {"SHIM_LOG", "SHIM_FAIL", "SHIM_FAIL_FILE", "SHIM_MAX_SESSIONS", "SHIM_SESSION_CODE",
                             "SHIM_TOKEN_FLAGS", "SHIM_INIT_ARGS", "SHIM_CANT_LOCK", "SHIM_LIBRARY", "SHIM_RAW_POINT",
                             "SHIM_NO_MECHANISM", "SHIM_DER", "SHIM_CHANGES_DATA", "SHIM_BAD_SIGNATURE", "SHIM_COPY"})
      if (const char* value = std::getenv(name)) settings[name] = value;
  }

  std::string get(const std::string& name) {
    const std::lock_guard lock{mutex};
    const auto found = settings.find(name);
    return found == settings.end() ? std::string{} : found->second;
  }
  unsigned long number(const std::string& name) { return std::strtoul(get(name).c_str(), nullptr, 0); }

  /// What the rules say of the nth call of this function; empty: nothing.
  std::string rule_for(const std::string& function, unsigned long nth) {
    std::stringstream rules;
    rules << get("SHIM_FAIL") << ',' << std::ifstream{get("SHIM_FAIL_FILE")}.rdbuf();
    rules.clear();  // no such file is no failure
    for (std::string rule; std::getline(rules, rule, ',');) {
      std::istringstream parts{rule};
      std::string name, when, what;
      std::getline(parts, name, ':');
      std::getline(parts, when, ':');
      parts >> what;
      if (name == function && (when == "0" || std::stoul(when) == nth)) return what;
    }
    return {};
  }

  /// What is to become of this call.
  CK_RV fault(const std::string& function) {
    unsigned long nth = 0;
    {
      const std::lock_guard lock{mutex};
      ++calls[function];
      nth = ++counted[function];
    }
    auto what = rule_for(function, nth);
    for (; what == "hang"; what = rule_for(function, nth)) usleep(10'000);
    if (what == "crash") _exit(99);
    return what.empty() ? CKR_OK : std::strtoul(what.c_str(), nullptr, 0);
  }
};

shim& self() {
  static auto* const it = new shim;
  return *it;
}

/// Forwards one function, unless it is to fail.
template <auto Member, class Function>
struct gate;
template <auto Member, class... Arguments>
struct gate<Member, CK_RV (*)(Arguments...)> {
  static inline std::string name;
  static CK_RV call(Arguments... arguments) {
    if (const CK_RV rv = self().fault(name); rv != CKR_OK) return rv;
    const leaks_are_theirs scope;
    return (self().real->*Member)(arguments...);
  }
};

template <auto Member>
void put_gate(const char* name) {
  using function = std::remove_reference_t<decltype(self().list.*Member)>;
  gate<Member, function>::name = name;
  if (self().real->*Member != nullptr) self().list.*Member = gate<Member, function>::call;
}

CK_RV initialize(void* raw) {
  if (const CK_RV rv = self().fault("C_Initialize"); rv != CKR_OK) return rv;
  CK_C_INITIALIZE_ARGS arguments{};
  if (raw != nullptr) arguments = *static_cast<CK_C_INITIALIZE_ARGS*>(raw);
  const auto wanted = self().get("SHIM_INIT_ARGS");
  const auto* given = static_cast<const char*>(arguments.pReserved);
  if (wanted != (given != nullptr ? given : "")) return CKR_ARGUMENTS_BAD;
  if (!self().get("SHIM_CANT_LOCK").empty() && arguments.flags != 0) return CKR_CANT_LOCK;
  arguments.pReserved = nullptr;
  arguments.flags = CKF_OS_LOCKING_OK;
  return self().real->C_Initialize(&arguments);
}

CK_RV finalize(void* reserved) {
  self().sessions = 0;
  return self().real->C_Finalize(reserved);
}

CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR* pin, CK_ULONG size) {
  if (const auto log = self().get("SHIM_LOG"); !log.empty()) {
    const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || ::write(fd, "C_Login\n", 8) != 8) std::abort();
    ::close(fd);
  }
  if (const CK_RV rv = self().fault("C_Login"); rv != CKR_OK) return rv;
  return self().real->C_Login(session, user, pin, size);
}

CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void* application, CK_NOTIFY notify, CK_SESSION_HANDLE* handle) {
  if (const CK_RV rv = self().fault("C_OpenSession"); rv != CKR_OK) return rv;
  if (const auto most = self().number("SHIM_MAX_SESSIONS"); most != 0) {
    const std::lock_guard lock{self().mutex};
    if (self().sessions >= most) {
      const auto code = self().settings["SHIM_SESSION_CODE"];
      return code.empty() ? CKR_SESSION_COUNT : std::strtoul(code.c_str(), nullptr, 0);
    }
  }
  const CK_RV rv = self().real->C_OpenSession(slot, flags, application, notify, handle);
  const std::lock_guard lock{self().mutex};
  if (rv == CKR_OK) ++self().sessions;
  return rv;
}

CK_RV close_session(CK_SESSION_HANDLE handle) {
  if (const CK_RV rv = self().fault("C_CloseSession"); rv != CKR_OK) return rv;
  const CK_RV rv = self().real->C_CloseSession(handle);
  const std::lock_guard lock{self().mutex};
  if (rv == CKR_OK) --self().sessions;
  return rv;
}

CK_RV close_all_sessions(CK_SLOT_ID slot) {
  if (const CK_RV rv = self().fault("C_CloseAllSessions"); rv != CKR_OK) return rv;
  const CK_RV rv = self().real->C_CloseAllSessions(slot);
  const std::lock_guard lock{self().mutex};
  self().sessions = 0;
  return rv;
}

CK_RV get_info(CK_INFO* info) {
  const CK_RV rv = self().real->C_GetInfo(info);
  const auto name = self().get("SHIM_LIBRARY");
  if (rv != CKR_OK || name.empty()) return rv;
  std::memset(info->libraryDescription, ' ', sizeof info->libraryDescription);
  std::memcpy(info->libraryDescription, name.data(), std::min(name.size(), sizeof info->libraryDescription));
  return rv;
}

CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
  if (const CK_RV rv = self().fault("C_GetTokenInfo"); rv != CKR_OK) return rv;
  const CK_RV rv = self().real->C_GetTokenInfo(slot, info);
  if (rv != CKR_OK) return rv;
  info->flags |= self().number("SHIM_TOKEN_FLAGS");
  if (const auto serial = self().get("SHIM_TOKEN_SERIAL"); !serial.empty()) {
    std::memset(info->serialNumber, ' ', sizeof info->serialNumber);
    std::memcpy(info->serialNumber, serial.data(), std::min(serial.size(), sizeof info->serialNumber));
  }
  return rv;
}

CK_RV get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO* info) {
  if (const CK_RV rv = self().fault("C_GetMechanismInfo"); rv != CKR_OK) return rv;
  const auto hidden = self().get("SHIM_NO_MECHANISM");
  if (!hidden.empty() && type == std::strtoul(hidden.c_str(), nullptr, 0)) return CKR_MECHANISM_INVALID;
  return self().real->C_GetMechanismInfo(slot, type, info);
}

CK_RV set_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* changed, CK_ULONG count) {
  if (const CK_RV rv = self().fault("C_SetAttributeValue"); rv != CKR_OK) return rv;
  if (self().get("SHIM_CHANGES_DATA").empty() || count != 1 || changed->type != CKA_VALUE)
    return self().real->C_SetAttributeValue(session, object, changed, count);
  const std::lock_guard lock{self().mutex};
  self().changed[object] = {static_cast<const char*>(changed->pValue), changed->ulValueLen};
  return CKR_OK;
}

CK_RV get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* wanted, CK_ULONG count) {
  if (const CK_RV rv = self().fault("C_GetAttributeValue"); rv != CKR_OK) return rv;
  if (!self().get("SHIM_CHANGES_DATA").empty() && count == 1 && wanted->type == CKA_VALUE) {
    const std::lock_guard lock{self().mutex};
    if (const auto found = self().changed.find(object); found != self().changed.end()) {
      if (wanted->pValue != nullptr) std::memcpy(wanted->pValue, found->second.data(), found->second.size());
      wanted->ulValueLen = found->second.size();
      return CKR_OK;
    }
  }
  const CK_RV rv = self().real->C_GetAttributeValue(session, object, wanted, count);
  if (rv == CKR_OK && count == 1 && wanted->type == CKA_EXTRACTABLE && wanted->pValue != nullptr &&
      self().get("SHIM_COPY") == "extractable") {
    const std::lock_guard lock{self().mutex};
    if (self().copies.contains(object)) *static_cast<CK_BBOOL*>(wanted->pValue) = CK_TRUE;
  }
  if (rv != CKR_OK || count != 1 || wanted->type != CKA_EC_POINT || wanted->pValue == nullptr ||
      self().get("SHIM_RAW_POINT").empty())
    return rv;
  auto* octets = static_cast<unsigned char*>(wanted->pValue);
  wanted->ulValueLen -= 2;
  std::memmove(octets, octets + 2, wanted->ulValueLen);
  return rv;
}

CK_RV copy_object(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE* with, CK_ULONG count,
                  CK_OBJECT_HANDLE* copy) {
  if (const CK_RV rv = self().fault("C_CopyObject"); rv != CKR_OK) return rv;
  if (self().get("SHIM_COPY") == "token") *static_cast<CK_BBOOL*>(with->pValue) = CK_TRUE;
  const leaks_are_theirs scope;
  const CK_RV rv = self().real->C_CopyObject(session, object, with, count, copy);
  const std::lock_guard lock{self().mutex};
  if (rv == CKR_OK) self().copies.insert(*copy);
  return rv;
}

CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM* how, CK_OBJECT_HANDLE key) {
  if (const CK_RV rv = self().fault("C_SignInit"); rv != CKR_OK) return rv;
  {
    const std::lock_guard lock{self().mutex};
    self().with_copy[session] = self().copies.contains(key);
    ++self().calls[self().copies.contains(key) ? "C_SignInit on a copy" : "C_SignInit on a key"];
  }
  const leaks_are_theirs scope;
  return self().real->C_SignInit(session, how, key);
}

CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE* data, CK_ULONG size, CK_BYTE* signature, CK_ULONG* room) {
  if (const CK_RV rv = self().fault("C_Sign"); rv != CKR_OK) return rv;
  const CK_RV rv = self().real->C_Sign(session, data, size, signature, room);
  if (rv != CKR_OK || signature == nullptr) return rv;
  if (!self().get("SHIM_DER").empty()) {
    const auto der = sealring::ecdsa_to_der({signature, *room}).value();
    std::memcpy(signature, der.data(), der.size());
    *room = der.size();
  }
  const auto copy = self().get("SHIM_COPY");
  bool with_copy = false;
  {
    const std::lock_guard lock{self().mutex};
    with_copy = self().with_copy[session];
  }
  if (copy == (with_copy ? "slow" : "fast")) std::this_thread::sleep_for(std::chrono::milliseconds{2});
  if (!self().get("SHIM_BAD_SIGNATURE").empty() || (with_copy && copy == "bad")) signature[*room - 1] ^= 1;
  return rv;
}

bool load_real() {
  const char* path = std::getenv("SHIM_MODULE");
  void* library = path != nullptr ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
  const auto get = library != nullptr ? reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList")) : nullptr;
  if (get == nullptr || get(&self().real) != CKR_OK) return false;
  self().list = *self().real;
  using list = CK_FUNCTION_LIST;
  put_gate<&list::C_GetSlotList>("C_GetSlotList");
  put_gate<&list::C_GetSlotInfo>("C_GetSlotInfo");
  put_gate<&list::C_GetSessionInfo>("C_GetSessionInfo");
  put_gate<&list::C_FindObjectsInit>("C_FindObjectsInit");
  put_gate<&list::C_FindObjects>("C_FindObjects");
  put_gate<&list::C_FindObjectsFinal>("C_FindObjectsFinal");
  put_gate<&list::C_GenerateKeyPair>("C_GenerateKeyPair");
  put_gate<&list::C_CreateObject>("C_CreateObject");
  put_gate<&list::C_DestroyObject>("C_DestroyObject");
  self().list.C_Initialize = initialize;
  self().list.C_Finalize = finalize;
  self().list.C_Login = login;
  self().list.C_OpenSession = open_session;
  self().list.C_CloseSession = close_session;
  self().list.C_CloseAllSessions = close_all_sessions;
  self().list.C_GetInfo = get_info;
  self().list.C_GetTokenInfo = get_token_info;
  self().list.C_GetMechanismInfo = get_mechanism_info;
  self().list.C_GetAttributeValue = get_attribute_value;
  self().list.C_CopyObject = copy_object;
  self().list.C_SignInit = sign_init;
  self().list.C_SetAttributeValue = set_attribute_value;
  self().list.C_Sign = sign;
  return true;
}

}  // namespace

SHIM_PUBLIC CK_RV C_GetFunctionList(CK_FUNCTION_LIST** out) {
  static const bool loaded = load_real();
  if (!loaded) return CKR_GENERAL_ERROR;
  *out = &self().list;
  return CKR_OK;
}

/// Sets one of the above, or unsets it where `value` is empty; counting for SHIM_FAIL starts anew.
SHIM_PUBLIC void shim_set(const char* name, const char* value) {
  const std::lock_guard lock{self().mutex};
  self().settings[name] = value;
  self().counted.clear();
}

/// How often a function was called since the shim was loaded.
SHIM_PUBLIC unsigned long shim_calls(const char* function) {
  const std::lock_guard lock{self().mutex};
  return self().calls[function];
}
