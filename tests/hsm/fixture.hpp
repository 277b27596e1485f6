// Real tokens for the tests: SoftHSM behind the shim, in a folder of its own that goes away with the process.
#pragma once

#include "catch.hpp"
#include "hsm/token.hpp"

#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

/// A failed check on a result shows its failure; what a success holds need not be printable.
template <class T, class E>
struct Catch::StringMaker<sealring::basic_result<T, E>> {
  static std::string convert(const sealring::basic_result<T, E>& r) { return r ? "success" : r.error().message(); }
};

namespace sealring::test {

namespace fs = std::filesystem;

inline const std::string right_pin = "4711-right";
inline const std::string wrong_pin = "4711-wrong";

/// In memory where there is such a place: SoftHSM syncs every attribute of every object to disk.
struct scratch_folder {
  fs::path path;
  scratch_folder() {
    const fs::path memory = "/dev/shm";
    const fs::path place = ::access(memory.c_str(), W_OK) == 0 ? memory : fs::temp_directory_path();
    std::string name = (place / "sealring-hsm-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path = name;
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  fs::path operator/(std::string_view name) const { return path / name; }
};

/// The process's SoftHSM: its folder and its settings, made before any module is loaded.
inline const scratch_folder& softhsm() {
  static const scratch_folder folder;
  static const bool ready = [] {
    fs::create_directory(folder / "tokens");
    std::ofstream{folder / "softhsm2.conf"} << "directories.tokendir = " << (folder / "tokens").string()
                                            << "\nobjectstore.backend = file\nlog.level = ERROR\n";
    ::setenv("SOFTHSM2_CONF", (folder / "softhsm2.conf").c_str(), 1);
    ::setenv("SHIM_MODULE", SEALRING_SOFTHSM, 1);
    return true;
  }();
  static_cast<void>(ready);
  return folder;
}

inline std::shared_ptr<hsm::module> load_module(std::string init_args = {}) {
  softhsm();
  auto loaded = hsm::module::load(SEALRING_SHIM, std::move(init_args));
  INFO((loaded ? "" : loaded.error().message()));
  REQUIRE(loaded);
  return *loaded;
}

template <class Function>
Function* from_shim(const char* name) {
  softhsm();
  static void* const library = dlopen(SEALRING_SHIM, RTLD_NOW | RTLD_LOCAL);
  REQUIRE(library != nullptr);
  auto* found = reinterpret_cast<Function*>(dlsym(library, name));
  REQUIRE(found != nullptr);
  return found;
}

/// All of PKCS#11, for what sealring itself never does.
inline CK_FUNCTION_LIST& pkcs11() {
  static CK_FUNCTION_LIST* const list = [] {
    CK_FUNCTION_LIST* out = nullptr;
    REQUIRE(from_shim<CK_RV(CK_FUNCTION_LIST**)>("C_GetFunctionList")(&out) == CKR_OK);
    return out;
  }();
  return *list;
}

inline unsigned long calls(const char* function) { return from_shim<unsigned long(const char*)>("shim_calls")(function); }

/// How often a function was called while this lives.
struct since {
  const char* function;
  unsigned long before = calls(function);
  unsigned long operator()() const { return calls(function) - before; }
};

/// One misbehaviour, while this lives.
struct shim_setting {
  const char* name;
  shim_setting(const char* setting, const std::string& value) : name{setting} { set(value); }
  shim_setting(const shim_setting&) = delete;
  shim_setting& operator=(const shim_setting&) = delete;
  ~shim_setting() { set(""); }
  void set(const std::string& value) const { from_shim<void(const char*, const char*)>("shim_set")(name, value.c_str()); }
};

/// A new token, its PIN set as its security officer would.
inline void make_token(const std::string& label, const std::string& pin = right_pin) {
  load_module();
  auto& p11 = pkcs11();
  CK_ULONG count = 0;
  REQUIRE(p11.C_GetSlotList(CK_FALSE, nullptr, &count) == CKR_OK);  // SoftHSM adds its empty slot here
  std::vector<CK_SLOT_ID> slots(count);
  REQUIRE(p11.C_GetSlotList(CK_FALSE, slots.data(), &count) == CKR_OK);
  auto* octets = reinterpret_cast<CK_UTF8CHAR*>(const_cast<char*>(pin.data()));
  std::array<CK_UTF8CHAR, 32> padded{};
  padded.fill(' ');
  std::ranges::copy(label, padded.begin());
  for (const auto slot : slots) {
    CK_TOKEN_INFO info{};
    REQUIRE(p11.C_GetTokenInfo(slot, &info) == CKR_OK);
    if ((info.flags & CKF_TOKEN_INITIALIZED) != 0) continue;
    REQUIRE(p11.C_InitToken(slot, octets, pin.size(), padded.data()) == CKR_OK);
    CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
    REQUIRE(p11.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session) == CKR_OK);
    REQUIRE(p11.C_Login(session, CKU_SO, octets, pin.size()) == CKR_OK);
    REQUIRE(p11.C_InitPIN(session, octets, pin.size()) == CKR_OK);
    REQUIRE(p11.C_CloseSession(session) == CKR_OK);
    return;
  }
  FAIL("SoftHSM has no free slot");
}

inline hsm::token find_token(const std::string& selector, hsm::token_options options = {}) {
  auto found = hsm::token::find(load_module(), selector, options);
  INFO((found ? "" : found.error().message()));
  REQUIRE(found);
  return *found;
}

inline hsm::pin pin_of(const std::string& text) { return hsm::pin::copy_of(text).value(); }

inline std::string message_of(const auto& r) { return r ? std::string{"success"} : r.error().message(); }

/// A new token, logged in to. A refused PIN ends the whole suite: on a card it would be the first of three.
struct logged_in {
  scratch_folder state;
  hsm::token token;
  explicit logged_in(const std::string& label, hsm::token_options options = {}) : token{made(label, options)} {
    const auto done = token.login(pin_of(right_pin), state.path);
    if (!done && done.error() == hsm::errc::pin_incorrect) {
      std::cerr << "the suite's own PIN was refused; stopping\n";
      std::_Exit(1);
    }
    INFO(message_of(done));
    REQUIRE(done);
  }

private:
  static hsm::token made(const std::string& label, hsm::token_options options) {
    make_token(label);
    return find_token(label, options);
  }
};

}  // namespace sealring::test
