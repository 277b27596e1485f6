#include "hsm/module.hpp"

#include <dlfcn.h>
#include <openssl/crypto.h>

#include <iterator>
#include <map>

namespace sealring::inline v0::hsm {

namespace {

// What is loaded is a fact of the process, so the table of it is the process's too. It is never destroyed: a module must not be
// called, nor go away, while static destructors run.
struct loaded_modules {
  std::mutex mutex;
  std::map<std::filesystem::path, std::shared_ptr<module>> by_path;
};

loaded_modules& loaded() {
  static auto* const table = new loaded_modules;
  return *table;
}

}  // namespace

result<std::shared_ptr<module>> module::load(const std::filesystem::path& path, std::string init_args) {
  std::error_code bad;
  auto real = std::filesystem::canonical(path, bad);
  if (bad)
    return failure{trouble::module_not_loadable, "cannot load the PKCS#11 module " + path.string() + ": " + bad.message() +
                                                     "; give the full path of the vendor's .so file"};
  auto& table = loaded();
  const std::lock_guard lock{table.mutex};
  auto& known = table.by_path[real];
  if (known && known->alive_) {
    if (known->init_args_ == init_args) return known;
    return failure{trouble::module_in_use, real.string() + " is loaded already, with other init-args"};
  }
  auto fresh = std::shared_ptr<module>{new module{std::move(real), std::move(init_args)}};
  if (auto opened = fresh->open(); !opened) return opened.error();
  if (auto ready = fresh->initialize(); !ready) return ready.error();
  return known = std::move(fresh);
}

result<void> module::open() {
  // Must come before the module's own first use of libcrypto. It has no effect, and does no harm, if this process has
  // configured libcrypto already.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);

  void* library = dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = dlerror();
    return failure{trouble::module_not_loadable,
                   "cannot load the PKCS#11 module " + path_.string() + ": " + (why != nullptr ? why : "no reason given")};
  }
  // Only C_GetFunctionList: C_GetInterface is missing or unfinished in too many modules, and we need nothing of version 3.
  const auto get_list = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
  if (get_list == nullptr)
    return failure{trouble::module_not_loadable, path_.string() + " is not a PKCS#11 module: it has no C_GetFunctionList"};
  const CK_RV rv = get_list(&functions_);
  if (rv != CKR_OK || functions_ == nullptr || functions_->C_Initialize == nullptr || functions_->C_GetInfo == nullptr)
    return failure{errc{rv == CKR_OK ? CKR_GENERAL_ERROR : rv}, path_.string() + " gives no list of functions"};
  return {};
}

result<void> module::initialize() {
  // The flag CKF_LIBRARY_CANT_CREATE_OS_THREADS is not set: there are modules that refuse it, and none that needs it.
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  arguments.pReserved = init_args_.empty() ? nullptr : init_args_.data();
  CK_RV rv = functions_->C_Initialize(&arguments);
  if (rv == CKR_CANT_LOCK || rv == CKR_NEED_TO_CREATE_THREADS) {
    arguments.flags = 0;
    rv = functions_->C_Initialize(init_args_.empty() ? nullptr : &arguments);
    threaded_ = false;
  }
  if (rv == CKR_CRYPTOKI_ALREADY_INITIALIZED)
    return failure{trouble::module_in_use, "other code in this process has initialised " + path_.string() +
                                               " and may finalise it at any time; is it an OpenSSL engine or provider?"};
  // After this no function of the module is called again: some take their own code away when they fail.
  if (rv != CKR_OK)
    return failure{trouble::module_failed, "the PKCS#11 module " + path_.string() + " does not start: " +
                                               make_error_code(errc{rv}).message() + "; check the module's own configuration"};
  alive_ = true;
  if (functions_->C_GetInfo(&info_) == CKR_OK) {
    description_ = trimmed(info_.manufacturerID) + " (" + trimmed(info_.libraryDescription) + ')';
  }
  return {};
}

CK_RV module::create_data(CK_SESSION_HANDLE session, std::string_view application, std::string_view label, bytes_view value,
                          CK_OBJECT_HANDLE& made) const {
  CK_OBJECT_CLASS data = CKO_DATA;
  CK_BBOOL yes = CK_TRUE;
  const auto raw = [](auto view) { return const_cast<void*>(static_cast<const void*>(view.data())); };
  CK_ATTRIBUTE described[] = {{CKA_CLASS, &data, sizeof data},       {CKA_TOKEN, &yes, sizeof yes},
                              {CKA_PRIVATE, &yes, sizeof yes},       {CKA_APPLICATION, raw(application), application.size()},
                              {CKA_LABEL, raw(label), label.size()}, {CKA_VALUE, raw(value), value.size()}};
  const std::lock_guard alone{objects_};
  return pass<&list::C_CreateObject>(session, described, CK_ULONG{std::size(described)}, &made);
}

CK_RV module::set_data(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, bytes_view value) const {
  CK_OBJECT_CLASS kind = CK_UNAVAILABLE_INFORMATION;
  CK_ATTRIBUTE asked{CKA_CLASS, &kind, sizeof kind};
  const std::lock_guard alone{objects_};
  if (const CK_RV rv = pass<&list::C_GetAttributeValue>(session, object, &asked, CK_ULONG{1}); rv != CKR_OK) return rv;
  if (asked.ulValueLen != sizeof kind || kind != CKO_DATA) return CKR_OBJECT_HANDLE_INVALID;
  CK_ATTRIBUTE changed{CKA_VALUE, const_cast<std::uint8_t*>(value.data()), value.size()};
  return pass<&list::C_SetAttributeValue>(session, object, &changed, CK_ULONG{1});
}

// Alone: SoftHSM shows a copy to all of the process while it still has the attributes of its original, CKA_TOKEN among them.
CK_RV module::copy_to_session(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE original, CK_OBJECT_HANDLE& copy) const {
  CK_BBOOL no = CK_FALSE;
  CK_ATTRIBUTE in_session{CKA_TOKEN, &no, sizeof no};
  const std::lock_guard alone{objects_};
  return pass<&list::C_CopyObject>(session, original, &in_session, CK_ULONG{1}, &copy);
}

result<void> module::finalize() {
  if (!alive_.exchange(false)) return {};
  const CK_RV rv = functions_->C_Finalize(nullptr);
  if (rv != CKR_OK) return failure{errc{rv}, "cannot finalise " + path_.string()};
  return {};
}

void module::finalize_all() noexcept {
  for (const auto& [path, each] : loaded().by_path)
    if (each) static_cast<void>(each->finalize());  // else it could not be loaded
}

}  // namespace sealring::inline v0::hsm
