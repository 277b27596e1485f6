#include "bench/token.hpp"

#include "agent/text.hpp"
#include "hsm/attributes.hpp"
#include "hsm/pin_mark.hpp"

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <shared_mutex>

namespace sealring::bench {
namespace {

hsm::result<hsm::pin> find_pin(const agent::hsm_section& section, const hsm::token_info& token) {
  if (section.pin_file) return hsm::pin::from_file(*section.pin_file);
  if (hsm::pin::has_credential()) return hsm::pin::from_credential();
  return hsm::pin::from_terminal("PIN of token " + token.text() + ": ");
}

/// For a handler, which may run at any time: a line that was told once stays where it is.
std::atomic<const char*> remaining_line = nullptr;

failure refused(CK_RV rv, const std::string& doing) { return fail(make_error_code(hsm::errc{rv}), doing); }

failure of_hsm(const hsm::failure& f) { return {f.code, f.message()}; }

/// Of what is done once.
class stopwatch {
public:
  operation read(std::string name, std::string where) const {
    operation o{.name = std::move(name), .where = std::move(where)};
    o.time.record(static_cast<std::uint64_t>(std::chrono::nanoseconds{std::chrono::steady_clock::now() - begin_}.count()));
    return o;
  }

private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// At most one try of a PIN, as section and state have it.
result<void> log_in(const hsm::token& token, const agent::hsm_section& section, const std::filesystem::path& state,
                    const std::filesystem::path& keepers, std::vector<operation>& timed) {
  if (!token.info().login_required()) return {};
  if (token.info().pin_pad() && !section.pin_file && !hsm::pin::has_credential()) {
    if (auto in = token.login_at_pin_pad(); !in) return of_hsm(in.error());
    return {};
  }
  auto found = find_pin(section, token.info());
  if (!found) return of_hsm(found.error());
  const auto told = [](const hsm::failure& f, const std::filesystem::path& record) {
    const bool may_be_retried = f == hsm::trouble::pin_refused || f == hsm::trouble::pin_unfinished;
    return failure{f.code,
                   f.message() + (may_be_retried ? "; the record of tries is below " + agent::quote(record.string()) : "")};
  };
  if (!keepers.empty())
    if (auto may = hsm::pin_mark::may_try(keepers, token.info().identity(), *found); !may) return told(may.error(), keepers);
  const stopwatch since;
  if (const auto in = token.login(*std::move(found), state); !in) return told(in.error(), state);
  timed.push_back(since.read("login", "once, and the record of tries"));
  return {};
}

}  // namespace

failure from(const hsm::failure& f) { return of_hsm(f); }

result<std::unique_ptr<bench_token>> bench_token::open(const agent::hsm_section& section, const std::filesystem::path& state,
                                                       std::string existing, const std::filesystem::path& keepers) {
  std::vector<operation> timed;
  const stopwatch since;
  auto module = hsm::module::load(section.module, section.init_args);
  if (!module) return from(module.error());
  timed.push_back(since.read("C_Initialize", "once, and the module's loading"));
  auto token = hsm::token::find(*module, section.token);
  if (!token) return from(token.error());
  if (auto in = log_in(*token, section, state, keepers, timed); !in) return in.error();
  return std::unique_ptr<bench_token>{
      new bench_token{section, *std::move(module), *std::move(token), std::move(existing), std::move(timed)}};
}

bench_token::~bench_token() { static_cast<void>(end()); }

bool bench_token::asks_a_person() const { return info().login_required() && !section_.pin_file && !hsm::pin::has_credential(); }

unsigned bench_token::room() const {
  constexpr CK_ULONG most = unlimited;
  CK_TOKEN_INFO now{};
  if (module_->call<&CK_FUNCTION_LIST::C_GetTokenInfo>(info().slot, &now) != CKR_OK) return most;
  const auto left = [](CK_ULONG limit, CK_ULONG used) {
    // PKCS#11 v2.40 section 3.1: "CK_EFFECTIVELY_INFINITE" is 0, "CK_UNAVAILABLE_INFORMATION" all ones.
    if (limit == CK_EFFECTIVELY_INFINITE || limit == CK_UNAVAILABLE_INFORMATION) return most;
    return limit - (used == CK_UNAVAILABLE_INFORMATION ? 0 : std::min(used, limit));
  };
  // Those that we open are for reading and writing, and so count twice.
  return static_cast<unsigned>(
      std::min({most, left(now.ulMaxSessionCount, now.ulSessionCount), left(now.ulMaxRwSessionCount, now.ulRwSessionCount)}));
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
  if (const auto made = made_.find(word); made != made_.end()) {
    auto found = token_.find_id(made->second);
    if (!found) return from(found.error());
    return *std::move(found);
  }
  const bytes id = hsm::token::random_id();
  if (id.empty()) return fail(condition::retry_later, "no random numbers");
  const std::string label{std::string{label_prefix} + word + '-' + agent::to_hex(bytes_view{id}.first(4))};
  adopt(label, id);  // first, for it may be half made
  if (k.key == "p521") {
    if (auto made = make_p521(id, label); !made) return made.error();
    made_[word] = id;
    return key(k);
  }
  auto made = token_.generate(*hsm::key_type_from(k.key), label, id);
  if (!made) return from(made.error());
  made_[word] = id;
  return *std::move(made);
}

void bench_token::adopt(std::string label, bytes id) {
  if (id.empty()) return;
  ours_[std::move(id)] = std::move(label);
  tell_remaining();
}

void bench_token::adopt_note(std::string label) {
  notes_.insert(std::move(label));
  tell_remaining();
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
  CK_RV rv = open_session(session);
  if (rv != CKR_OK) return refused(rv, doing);
  CK_MECHANISM how{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
  CK_OBJECT_HANDLE halves[2]{};
  {
    const std::lock_guard alone{module_->objects()};
    rv = module_->call<&CK_FUNCTION_LIST::C_GenerateKeyPair>(session, &how, pub.data(), pub.size(), priv.data(), priv.size(),
                                                             &halves[0], &halves[1]);
  }
  module_->call<&CK_FUNCTION_LIST::C_CloseSession>(session);
  if (rv != CKR_OK) return refused(rv, doing);
  return {};
}

CK_RV bench_token::open_session(CK_SESSION_HANDLE& session) const {
  return module_->call<&CK_FUNCTION_LIST::C_OpenSession>(info().slot, CK_FLAGS{CKF_SERIAL_SESSION | CKF_RW_SESSION}, nullptr,
                                                         nullptr, &session);
}

CK_RV bench_token::destroy_note(const std::string& label) const {
  CK_SESSION_HANDLE session = 0;
  if (const CK_RV rv = open_session(session); rv != CKR_OK) return rv;
  hsm::attributes wanted;
  wanted.set(CKA_CLASS, CK_ULONG{CKO_DATA}).set(CKA_APPLICATION, std::string_view{"sealring"}).set(CKA_LABEL, label);
  CK_OBJECT_HANDLE found[8]{};
  CK_ULONG count = 0;
  const std::lock_guard alone{module_->objects()};
  CK_RV rv = module_->call<&CK_FUNCTION_LIST::C_FindObjectsInit>(session, wanted.data(), wanted.size());
  if (rv == CKR_OK) {
    rv = module_->call<&CK_FUNCTION_LIST::C_FindObjects>(session, &found[0], CK_ULONG{std::size(found)}, &count);
    module_->call<&CK_FUNCTION_LIST::C_FindObjectsFinal>(session);
  }
  for (CK_ULONG i = 0; rv == CKR_OK && i != count; ++i)
    rv = module_->call<&CK_FUNCTION_LIST::C_DestroyObject>(session, found[i]);
  module_->call<&CK_FUNCTION_LIST::C_CloseSession>(session);
  return rv;
}

result<void> bench_token::end() {
  if (ours_.empty() && notes_.empty() && lost_.empty()) return {};
  std::string left;
  const auto name = [&left](const std::string& what) { left += (left.empty() ? "" : "; ") + what; };
  for (const auto& what : lost_) name(what);
  for (const auto& label : notes_)
    if (const CK_RV rv = destroy_note(label); rv != CKR_OK)
      name("the data object " + agent::quote(label) + " (" + make_error_code(hsm::errc{rv}).message() + ')');
  for (const auto& [id, label] : ours_)
    if (auto gone = token_.destroy_id(id); !gone)
      name("the key " + agent::quote(label) + " with CKA_ID " + agent::to_hex(id) + " (" + gone.error().message() + ')');
  lost_.clear();
  notes_.clear();
  ours_.clear();
  made_.clear();
  tell_remaining();
  if (left.empty()) return {};
  return fail(condition::operator_needed, "what was made in the token " + info().text() +
                                              " for the measurement cannot be destroyed: look there for " + left);
}

const char* bench_token::remaining() noexcept { return remaining_line; }

void bench_token::tell_remaining() const {
  static std::deque<std::string> told;
  std::string labels;
  for (const auto& [id, label] : ours_) labels += ' ' + label;
  for (const auto& label : notes_) labels += ' ' + label + " (data)";
  if (!labels.empty()) told.push_back("sealring: ended at once; these may be left in the token:" + labels + '\n');
  remaining_line = labels.empty() ? nullptr : told.back().c_str();
}

}  // namespace sealring::bench
