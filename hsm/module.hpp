// A vendor's PKCS#11 module, loaded and initialised once in this process.
//
// Loaded means for ever: a module is never unloaded and never finalised by a destructor, because C++ modules destroy their
// globals before or after OpenSSL's, in an order nobody controls. A process that wants a clean end calls finalize() while all
// is alive, and then leaves by _exit().
//
// Modules such as SoftHSM share this process's libcrypto. load() forbids libcrypto to read openssl.cnf if it has not done so:
// a configuration that activates a PKCS#11 provider would lead the module back to itself.
#pragma once

#include "hsm/error.hpp"

#include "hsm/cryptoki.hpp"

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <shared_mutex>

namespace sealring::inline v0::hsm {

/// Shared by all tokens in it; safe from many threads, calls being serialised where the module cannot lock.
class module {
public:
  /// The module at `path`, the same object however often and under whatever link it is asked for. `init_args` is the string
  /// that some vendors (NSS, YubiHSM, kmsp11) want at C_Initialize; most want none.
  [[nodiscard]] static result<std::shared_ptr<module>> load(const std::filesystem::path& path, std::string init_args = {});

  module(const module&) = delete;
  module& operator=(const module&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }

  /// "SoftHSM (Implementation of PKCS11 2.6)"
  const std::string& description() const noexcept { return description_; }

  const CK_INFO& info() const noexcept { return info_; }

  /// False where the module could not lock: then one session serves all, one call at a time.
  bool threaded() const noexcept { return threaded_; }

  /// C_Finalize. Every session and handle is void afterwards, and so is every call through this object.
  result<void> finalize();

  /// Finalizes every module that was loaded, for the end of a process: sessions that a token's server counts are given back.
  static void finalize_all() noexcept;

  /// Calls one of the module's functions: `m.call<&CK_FUNCTION_LIST::C_Sign>(session, ...)`. Only what this layer needs can be
  /// called at all: there is no C_WrapKey, no C_CreateObject, no C_InitToken.
  template <auto Function, class... Arguments>
  CK_RV call(Arguments... arguments) const {
    static_assert(may_call<Function>, "not among the PKCS#11 functions that sealring ever calls");
    return pass<Function>(arguments...);
  }

  /// C_CreateObject, for nothing but a token's private data object: it takes no template, so that no key can be brought in.
  CK_RV create_data(CK_SESSION_HANDLE session, std::string_view application, std::string_view label, bytes_view value,
                    CK_OBJECT_HANDLE& made) const;

  /// C_SetAttributeValue, for nothing but the CKA_VALUE of an object that the token says is CKO_DATA: no key can be changed.
  /// CKR_OBJECT_HANDLE_INVALID for any other object.
  CK_RV set_data(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, bytes_view value) const;

  /// C_CopyObject into the session's memory, where the copy dies with the session; all else is as in the original.
  CK_RV copy_to_session(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE original, CK_OBJECT_HANDLE& copy) const;

  /// Held shared while a search is open, and alone while objects come, change or go: there are modules that mind.
  std::shared_mutex& objects() const noexcept { return objects_; }

private:
  module(std::filesystem::path path, std::string init_args) :path_{std::move(path)}, init_args_{std::move(init_args)} {}

  result<void> open();
  result<void> initialize();

  using list = CK_FUNCTION_LIST;
  template <auto Function, auto... Others>
  static constexpr bool one_of =
      (std::is_same_v<std::integral_constant<decltype(Function), Function>, std::integral_constant<decltype(Others), Others>> ||
       ...);

public:
  /// Whether call() takes it.
  template <auto Function>
  static constexpr bool may_call =
      one_of<Function, &list::C_GetSlotList, &list::C_GetSlotInfo, &list::C_GetTokenInfo, &list::C_GetMechanismInfo,
             &list::C_OpenSession, &list::C_CloseSession, &list::C_CloseAllSessions, &list::C_GetSessionInfo, &list::C_Login,
             &list::C_FindObjectsInit, &list::C_FindObjects, &list::C_FindObjectsFinal, &list::C_GetAttributeValue,
             &list::C_GenerateKeyPair, &list::C_DestroyObject, &list::C_SignInit, &list::C_Sign>;

private:
  template <auto Function, class... Arguments>
  CK_RV pass(Arguments... arguments) const {
    if (!alive_) return CKR_CRYPTOKI_NOT_INITIALIZED;
    const auto function = functions_->*Function;
    if (function == nullptr) return CKR_FUNCTION_NOT_SUPPORTED;
    if (threaded_) return function(arguments...);
    const std::lock_guard lock{one_at_a_time_};
    return function(arguments...);
  }

  std::filesystem::path path_;
  std::string init_args_;
  std::string description_;
  CK_FUNCTION_LIST* functions_ = nullptr;
  CK_INFO info_{};
  bool threaded_ = true;
  std::atomic<bool> alive_ = false;
  mutable std::mutex one_at_a_time_;
  mutable std::shared_mutex objects_;
};

}  // namespace sealring::inline v0::hsm
