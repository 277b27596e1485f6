// Bare PKCS#11, as a program would do it that has module and PIN: C_SignInit and C_Sign, on the token object or on a session
// copy of it. By module::call(), which adds two tests to each call: a module may give each caller functions of its own
// (p11-kit's client does), and those that are logged in are the module object's.
#include "bench/layer_raw.hpp"

#include "hsm/attributes.hpp"
#include "hsm/signature.hpp"
#include "hsm/with_algorithm.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

namespace sealring::bench {
namespace {

/// Hash and signature in one mechanism, where PKCS#11 has one for the algorithm.
std::optional<hsm::mechanism> combined_mechanism(algorithm_id id) {
  switch (id) {
    case algorithm_id::es256: return hsm::mechanism{CKM_ECDSA_SHA256};
    case algorithm_id::es384: return hsm::mechanism{CKM_ECDSA_SHA384};
    case algorithm_id::es512: return hsm::mechanism{CKM_ECDSA_SHA512};
    case algorithm_id::rs256: return hsm::mechanism{CKM_SHA256_RSA_PKCS};
    case algorithm_id::ps256: return hsm::mechanism{CKM_SHA256_RSA_PKCS_PSS, &hsm::detail::pss_sha256};
    case algorithm_id::eddsa: break;
  }
  return std::nullopt;
}

bytes_view octets(message m) noexcept { return m; }
template <class Hash>
bytes_view octets(const digest<Hash>& d) noexcept {
  return d.view();
}

/// One of the sessions that the threads share.
struct raw_session {
  CK_SESSION_HANDLE handle = 0;
  CK_OBJECT_HANDLE key = 0;
  bool open = false;
  std::mutex mutex{};  // there may be more threads than sessions
};

class raw_layer final : public layer {
public:
  raw_layer(bench_token& token, const hsm::key& key, algorithm_id algorithm, bool copy,
            std::function<std::vector<pid_t>()> servers)
      : token_{token},
        p11_{*token.module()},
        id_{key.id()},
        label_{key.label()},
        public_key_{key.public_key()},
        algorithm_{algorithm},
        copy_{copy},
        servers_{std::move(servers)} {}
  raw_layer(const raw_layer&) = delete;
  raw_layer& operator=(const raw_layer&) = delete;
  ~raw_layer() override { close(); }

  std::string unfit(const load_shape& s) const override {
    if (!s.combined) return {};
    const auto how = combined_mechanism(algorithm_);
    CK_MECHANISM_INFO info{};
    if (how && p11_.call<&CK_FUNCTION_LIST::C_GetMechanismInfo>(token_.info().slot, how->type, &info) == CKR_OK &&
        (info.flags & CKF_SIGN) != 0)
      return {};
    return "the token has no mechanism that hashes and signs for this key";
  }

  unsigned sessions(const load_shape& s) const override { return s.sessions == 0 ? s.threads : s.sessions; }
  void rest() override { close(); }

  void prepare(const load_shape& s) override {
    combined_ = s.combined;
    step_ = sessions(s) > s.threads ? s.threads : 0;
    if (sessions(s) == sessions_.size()) return;
    close();
    sessions_ = std::vector<raw_session>(sessions(s));
    for (auto& one : sessions_) static_cast<void>(open(one));
  }

  sealring::result<std::unique_ptr<worker>> make_worker(unsigned number) override {
    return hsm::with_algorithm(algorithm_, [&]<class A>(A) -> sealring::result<std::unique_ptr<worker>> {
      const auto* const key = std::get_if<typename A::public_key>(&public_key_);
      if (key == nullptr) return sealring::fail(sealring::errc::wrong_key_type);
      return std::unique_ptr<worker>{std::make_unique<blocking_worker>(
          [this, key, turn = std::size_t{number}](bytes_view message) mutable -> sealring::result<bytes> {
            const auto in = A::prepare(message);
            if (!in) return in.error();
            auto raw =
                combined_ ? call(turn, *combined_mechanism(A::id), message) : call(turn, hsm::mechanism_for<A>(), octets(*in));
            if (!raw) return raw.error();
            auto signature = hsm::read_signature<A>(*std::move(raw), *key);
            if (!signature) return signature.error();
            return bytes(signature->begin(), signature->end());
          })};
    });
  }

  any_public_key public_key() const override { return public_key_; }
  std::vector<pid_t> servers() const override { return servers_ ? servers_() : std::vector<pid_t>{}; }

  /// Whether a session can be had, and the key in it.
  CK_RV try_out() {
    raw_session one;
    const CK_RV rv = open(one);
    if (rv == CKR_OK) p11_.call<&CK_FUNCTION_LIST::C_CloseSession>(one.handle);
    return rv;
  }

private:
  /// On the thread's next session.
  sealring::result<bytes> call(std::size_t& turn, hsm::mechanism how, bytes_view input) {
    raw_session& s = sessions_[turn % sessions_.size()];
    turn += step_;
    const std::lock_guard one_at_a_time{s.mutex};
    if (!s.open)
      if (const CK_RV rv = open(s); rv != CKR_OK) return sealring::fail(hsm::errc{rv});
    bytes data;
    if (!how.prefix.empty()) input = data = how.to_be_signed(input);
    CK_MECHANISM raw = how.raw();
    CK_RV rv = p11_.call<&CK_FUNCTION_LIST::C_SignInit>(s.handle, &raw, s.key);
    bytes signature(1024);
    CK_ULONG size = signature.size();
    if (rv == CKR_OK)
      rv = p11_.call<&CK_FUNCTION_LIST::C_Sign>(s.handle, const_cast<CK_BYTE*>(input.data()), CK_ULONG{input.size()},
                                                signature.data(), &size);
    if (rv == CKR_OK && size <= signature.size()) {
      signature.resize(size);
      return signature;
    }
    // A failed operation may still be active.
    p11_.call<&CK_FUNCTION_LIST::C_CloseSession>(s.handle);
    s.open = false;
    forget();
    return sealring::fail(hsm::errc{rv});
  }

  CK_RV open(raw_session& s) {
    CK_RV rv = p11_.call<&CK_FUNCTION_LIST::C_OpenSession>(token_.info().slot, CK_FLAGS{CKF_SERIAL_SESSION | CKF_RW_SESSION},
                                                           nullptr, nullptr, &s.handle);
    if (rv != CKR_OK) return rv;
    s.open = true;
    rv = find(s);
    if (rv == CKR_OK) rv = copy_ ? copy(s) : CKR_OK;
    if (rv == CKR_OK) return rv;
    p11_.call<&CK_FUNCTION_LIST::C_CloseSession>(s.handle);
    s.open = false;
    return rv;
  }

  /// Looked up once: with many keys in the token that takes longer than a slice.
  CK_RV find(raw_session& s) {
    const std::lock_guard one_at_a_time{finding_};
    if (found_ == 0)
      if (const CK_RV rv = look_up(s); rv != CKR_OK) return rv;
    s.key = found_;
    return CKR_OK;
  }

  CK_RV look_up(const raw_session& s) {
    hsm::attributes wanted;
    wanted.set(CKA_CLASS, CK_ULONG{CKO_PRIVATE_KEY}).set(CKA_TOKEN, true).set(CKA_ID, id_);
    if (!label_.empty()) wanted.set(CKA_LABEL, label_);
    CK_ULONG count = 0;
    CK_RV rv = p11_.call<&CK_FUNCTION_LIST::C_FindObjectsInit>(s.handle, wanted.data(), wanted.size());
    if (rv != CKR_OK) return rv;
    rv = p11_.call<&CK_FUNCTION_LIST::C_FindObjects>(s.handle, &found_, CK_ULONG{1}, &count);
    p11_.call<&CK_FUNCTION_LIST::C_FindObjectsFinal>(s.handle);
    return rv == CKR_OK && count == 0 ? CK_RV{CKR_KEY_HANDLE_INVALID} : rv;
  }

  void forget() {
    const std::lock_guard one_at_a_time{finding_};
    found_ = 0;
  }

  CK_RV copy(raw_session& s) {
    const std::lock_guard one_at_a_time{finding_};  // SoftHSM shows a copy to others before it is finished
    const CK_OBJECT_HANDLE original = s.key;
    return p11_.copy_to_session(s.handle, original, s.key);
  }

  void close() {
    for (auto& one : sessions_)
      if (std::exchange(one.open, false)) p11_.call<&CK_FUNCTION_LIST::C_CloseSession>(one.handle);
    sessions_.clear();
  }

  bench_token& token_;
  const hsm::module& p11_;
  bytes id_;
  std::string label_;  // ids need not be unique
  any_public_key public_key_;
  algorithm_id algorithm_;
  bool copy_;
  std::function<std::vector<pid_t>()> servers_;
  bool combined_ = false;
  std::size_t step_ = 0;  // to a thread's next session, where there are more than threads
  std::vector<raw_session> sessions_;
  std::mutex finding_;
  CK_OBJECT_HANDLE found_ = 0;
};

result<std::unique_ptr<layer>> make(bed& b, const kind& k, bool copy) {
  auto key = b.token.key(k);
  if (!key) return key.error();
  return make_raw_layer(b.token, *key, k.algorithm, copy);
}

}  // namespace

result<std::unique_ptr<layer>> make_raw_layer(bench_token& token, const hsm::key& key, algorithm_id algorithm, bool copy,
                                              std::function<std::vector<pid_t>()> servers) {
  auto made = std::make_unique<raw_layer>(token, key, algorithm, copy, std::move(servers));
  if (const CK_RV rv = made->try_out(); rv != CKR_OK)
    return fail(condition::unsupported, std::string{copy ? "a session copy of the key: " : "the key in a session: "} +
                                            make_error_code(hsm::errc{rv}).message());
  return std::unique_ptr<layer>{std::move(made)};
}

result<std::unique_ptr<layer>> make_raw(bed& b, const kind& k) { return make(b, k, false); }
result<std::unique_ptr<layer>> make_raw_copy(bed& b, const kind& k) { return make(b, k, true); }

}  // namespace sealring::bench
