#include "bench/token.hpp"

#include "agent/text.hpp"
#include "hsm/attributes.hpp"

#include <dlfcn.h>

namespace sealring::bench {
namespace {

hsm::result<hsm::pin> find_pin(const agent::hsm_section& section, const hsm::token_info& token) {
  if (section.pin_file) return hsm::pin::from_file(*section.pin_file);
  if (hsm::pin::has_credential()) return hsm::pin::from_credential();
  return hsm::pin::from_terminal("PIN of token " + token.text() + ": ");
}

/// The functions of a module that is loaded and initialised: the same library, asked once more.
result<CK_FUNCTION_LIST*> functions_of(const hsm::module& module) {
  void* const library = dlopen(module.path().c_str(), RTLD_NOW | RTLD_LOCAL);
  const auto get = library != nullptr ? reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList")) : nullptr;
  CK_FUNCTION_LIST* list = nullptr;
  if (get == nullptr || get(&list) != CKR_OK)
    return fail(condition::operator_needed, "the functions of " + module.path().string() + " cannot be had");
  return list;
}

failure refused(CK_RV rv, const std::string& doing) { return fail(make_error_code(hsm::errc{rv}), doing); }

}  // namespace

failure from(const hsm::failure& f) { return {f.code, f.message()}; }

result<void> log_in(const hsm::token& token, const agent::hsm_section& section, const std::filesystem::path& state) {
  if (!token.info().login_required()) return {};
  if (token.info().pin_pad() && !section.pin_file && !hsm::pin::has_credential()) {
    if (auto in = token.login_at_pin_pad(); !in) return from(in.error());
    return {};
  }
  auto found = find_pin(section, token.info());
  if (!found) return from(found.error());
  const auto in = token.login(*std::move(found), state);
  if (in) return {};
  const bool may_be_retried = in.error() == hsm::trouble::pin_refused || in.error() == hsm::trouble::pin_unfinished;
  return failure{in.error().code, in.error().message() +
                                      (may_be_retried ? "; the record of tries is below " + agent::quote(state.string()) : "")};
}

result<std::unique_ptr<bench_token>> bench_token::open(const agent::hsm_section& section, const std::filesystem::path& state,
                                                       std::string existing) {
  auto module = hsm::module::load(section.module, section.init_args);
  if (!module) return from(module.error());
  auto token = hsm::token::find(*module, section.token);
  if (!token) return from(token.error());
  if (auto in = log_in(*token, section, state); !in) return in.error();
  auto functions = functions_of(**module);
  if (!functions) return functions.error();
  return std::unique_ptr<bench_token>{
      new bench_token{section, *std::move(module), *std::move(token), *functions, std::move(existing)}};
}

bench_token::~bench_token() { static_cast<void>(end()); }

unsigned bench_token::room() const {
  constexpr unsigned most = 1024;
  CK_TOKEN_INFO now{};
  if (functions_->C_GetTokenInfo(info().slot, &now) != CKR_OK) return most;
  // PKCS#11 v2.40 section 3.1: "CK_EFFECTIVELY_INFINITE" is 0, "CK_UNAVAILABLE_INFORMATION" all ones.
  if (now.ulMaxSessionCount == 0 || now.ulMaxSessionCount == CK_UNAVAILABLE_INFORMATION) return most;
  const auto used = now.ulSessionCount == CK_UNAVAILABLE_INFORMATION ? 0 : now.ulSessionCount;
  return static_cast<unsigned>(std::min<CK_ULONG>(now.ulMaxSessionCount - std::min(used, now.ulMaxSessionCount), most));
}

result<hsm::token> bench_token::handle(hsm::token_options options) const {
  auto other = hsm::token::find(module_, "serial=" + info().serial, options);
  if (!other) return from(other.error());
  return *std::move(other);
}

result<hsm::key> bench_token::key(const kind& k) {
  const std::string word{k.word};
  if (!existing_.empty()) {
    auto found = token_.find(existing_);
    if (!found) return from(found.error());
    if (found->kind() != k.key)
      return fail(condition::bad_input, "the key " + agent::quote(existing_) + " is " + found->kind() + ", not " + word);
    return *std::move(found);
  }
  if (const auto made = ours_.find(word); made != ours_.end()) {
    auto found = token_.find_id(made->second);
    if (!found) return from(found.error());
    return *std::move(found);
  }
  const bytes id = hsm::token::random_id();
  const std::string label{std::string{label_prefix} + word + '-' + agent::to_hex(bytes_view{id}.first(4))};
  if (k.key != "p521") {
    auto made = token_.generate(*hsm::key_type_from(k.key), label, id);
    if (!made) return from(made.error());
    ours_[word] = id;
    return *std::move(made);
  }
  ours_[word] = id;  // first, for it may be half made
  if (auto made = make_p521(id, label); !made) return made.error();
  auto found = token_.find_id(id);
  if (!found) return from(found.error());
  return *std::move(found);
}

/// sealring makes no such keys (CAs do not take them), and signs with those of others.
result<void> bench_token::make_p521(const bytes& id, const std::string& label) const {
  hsm::attributes pub;
  pub.set(CKA_TOKEN, true).set(CKA_VERIFY, true).set(CKA_LABEL, label).set(CKA_ID, id);
  pub.set(CKA_EC_PARAMS, bytes_view{bytes{0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23}});
  hsm::attributes priv;
  priv.set(CKA_TOKEN, true).set(CKA_PRIVATE, true).set(CKA_SENSITIVE, true).set(CKA_EXTRACTABLE, false).set(CKA_SIGN, true);
  priv.set(CKA_LABEL, label).set(CKA_ID, id);
  CK_SESSION_HANDLE session = 0;
  const std::string doing = "making a p521 key in the token " + info().text();
  CK_RV rv = functions_->C_OpenSession(info().slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session);
  if (rv != CKR_OK) return refused(rv, doing);
  CK_MECHANISM how{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
  CK_OBJECT_HANDLE halves[2]{};
  rv = functions_->C_GenerateKeyPair(session, &how, pub.data(), pub.size(), priv.data(), priv.size(), &halves[0], &halves[1]);
  functions_->C_CloseSession(session);
  if (rv != CKR_OK) return refused(rv, doing);
  return {};
}

void bench_token::destroy_note(const std::string& label) const {
  CK_SESSION_HANDLE session = 0;
  if (functions_->C_OpenSession(info().slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session) != CKR_OK) return;
  hsm::attributes wanted;
  wanted.set(CKA_CLASS, CK_ULONG{CKO_DATA}).set(CKA_APPLICATION, std::string_view{"sealring"}).set(CKA_LABEL, label);
  CK_OBJECT_HANDLE found[8]{};
  CK_ULONG count = 0;
  if (functions_->C_FindObjectsInit(session, wanted.data(), wanted.size()) == CKR_OK) {
    functions_->C_FindObjects(session, found, std::size(found), &count);
    functions_->C_FindObjectsFinal(session);
  }
  for (CK_ULONG i = 0; i != count; ++i) functions_->C_DestroyObject(session, found[i]);
  functions_->C_CloseSession(session);
}

result<void> bench_token::end() {
  result<void> all;
  for (const auto& label : notes_) destroy_note(label);
  notes_.clear();
  for (const auto& [word, id] : ours_)
    if (auto gone = token_.destroy_id(id); !gone)
      all =
          fail(condition::operator_needed, "the key " + word + " that was made for the measurement cannot be destroyed (" +
                                               gone.error().message() + "): look for objects with CKA_ID " + agent::to_hex(id));
  ours_.clear();
  return all;
}

}  // namespace sealring::bench
