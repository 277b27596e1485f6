#include "bench/operations.hpp"

#include "bench/words.hpp"
#include "hsm/attributes.hpp"

#include <algorithm>
#include <deque>
#include <shared_mutex>

namespace sealring::bench {
namespace {

constexpr std::string_view all_operations[] = {"session", "login", "find", "generate"};

using list = CK_FUNCTION_LIST;

/// Of each step: what is enough for a percentile, and what a token that needs a second for it can give.
constexpr unsigned most_times = 1000;
constexpr std::chrono::seconds longest{2};
/// For making objects to search among.
constexpr std::chrono::seconds longest_making{60};

std::string counted(std::size_t n, const std::string& what) { return std::to_string(n) + ' ' + what + (n == 1 ? "" : "s"); }

/// Closed, and with it all objects that were made in it, when this goes.
class open_session {
public:
  explicit open_session(const bench_token& token) : module_{*token.module()} {
    rv_ = module_.call<&list::C_OpenSession>(token.info().slot, CK_FLAGS{CKF_SERIAL_SESSION | CKF_RW_SESSION}, nullptr, nullptr,
                                             &handle_);
  }
  open_session(const open_session&) = delete;
  open_session& operator=(const open_session&) = delete;
  ~open_session() {
    if (rv_ == CKR_OK) module_.call<&list::C_CloseSession>(handle_);
  }
  CK_RV rv() const noexcept { return rv_; }
  CK_SESSION_HANDLE handle() const noexcept { return handle_; }

private:
  const hsm::module& module_;
  CK_SESSION_HANDLE handle_ = 0;
  CK_RV rv_ = CKR_OK;
};

/// Asked for with no more than any token understands.
struct key_recipe {
  explicit key_recipe(const kind& k) {
    pub.set(CKA_TOKEN, false).set(CKA_VERIFY, true);
    priv.set(CKA_TOKEN, false).set(CKA_PRIVATE, true).set(CKA_SENSITIVE, true).set(CKA_EXTRACTABLE, false).set(CKA_SIGN, true);
    if (k.bits != 0) {
      how.mechanism = CKM_RSA_PKCS_KEY_PAIR_GEN;
      pub.set(CKA_MODULUS_BITS, CK_ULONG{k.bits}).set(CKA_PUBLIC_EXPONENT, bytes_view{bytes{1, 0, 1}});
      return;
    }
    how.mechanism = k.key == "ed25519" ? CKM_EC_EDWARDS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN;
    bytes curve{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    if (k.key == "p384") curve = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
    if (k.key == "p521") curve = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23};
    if (k.key == "ed25519") curve = {0x13, 0x0c, 'e', 'd', 'w', 'a', 'r', 'd', 's', '2', '5', '5', '1', '9'};
    pub.set(CKA_EC_PARAMS, curve);
  }

  /// Tokens know Ed25519 by its name or by its OID (PKCS#11 v3.0 section 2.3.3), and seldom by both.
  void choose_form(const hsm::module& m, CK_SESSION_HANDLE session) {
    if (how.mechanism != CKM_EC_EDWARDS_KEY_PAIR_GEN) return;
    if (make(m, session) == CKR_OK) static_cast<void>(destroy(m, session));
    else pub.drop(CKA_EC_PARAMS).set(CKA_EC_PARAMS, bytes_view{bytes{0x06, 0x03, 0x2b, 0x65, 0x70}});
  }

  CK_RV make(const hsm::module& m, CK_SESSION_HANDLE session) {
    const std::lock_guard alone{m.objects()};
    return m.call<&list::C_GenerateKeyPair>(session, &how, pub.data(), pub.size(), priv.data(), priv.size(), &halves[0],
                                            &halves[1]);
  }
  bool destroy(const hsm::module& m, CK_SESSION_HANDLE session) const {
    const std::lock_guard alone{m.objects()};
    bool gone = true;
    for (const CK_OBJECT_HANDLE half : halves) gone = m.call<&list::C_DestroyObject>(session, half) == CKR_OK && gone;
    return gone;
  }
  /// Whether the token has kept what was to be the session's alone, as smart cards do.
  bool was_kept(const hsm::module& m, CK_SESSION_HANDLE session) const {
    return std::ranges::any_of(halves, [&](CK_OBJECT_HANDLE half) {
      CK_BBOOL kept = CK_FALSE;
      CK_ATTRIBUTE asked{CKA_TOKEN, &kept, sizeof kept};
      return m.call<&list::C_GetAttributeValue>(session, half, &asked, CK_ULONG{1}) == CKR_OK && kept == CK_TRUE;
    });
  }

  CK_MECHANISM how{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
  hsm::attributes pub, priv;
  CK_OBJECT_HANDLE halves[2]{};
};

class timing {
public:
  timing(bench_token& token, const plan& p, report& out, const std::function<void(const std::string&)>& tell,
         const std::atomic<bool>& stop)
      : token_{token}, module_{*token.module()}, plan_{p}, out_{out}, tell_{tell}, stop_{stop} {}

  void session() {
    std::deque<open_session> idle;
    for (const unsigned already : {0U, 100U, 1000U}) {
      const auto where = "beside " + counted(already, "session");
      if (token_.room() + idle.size() <= already) {
        leave_out("session", where, "the token has no room for so many");
        return;
      }
      while (idle.size() < already && !stop_)
        if (idle.emplace_back(token_); idle.back().rv() != CKR_OK)
          return leave_out("session", where, name_of(idle.back().rv()));
      operation opening{.name = "C_OpenSession", .where = where}, closing{.name = "C_CloseSession", .where = where};
      repeat(where, [&] {
        CK_SESSION_HANDLE one = 0;
        const bool open = timed(opening, [&] {
          return module_.call<&list::C_OpenSession>(token_.info().slot, CK_FLAGS{CKF_SERIAL_SESSION | CKF_RW_SESSION}, nullptr,
                                                    nullptr, &one);
        });
        return open && timed(closing, [&] { return module_.call<&list::C_CloseSession>(one); });
      });
      keep(std::move(opening));
      keep(std::move(closing));
    }
  }

  void login() {
    for (const operation& once : token_.opening()) keep(once);
    if (token_.opening().size() < 2)
      leave_out("login", "once", "no PIN was tried: the token wants none, or is typed at itself");
  }

  /// As a program finds its key: by class and CKA_ID. What it is found among is private keys in the session's memory.
  void find() {
    auto mine = token_.key(*find_kind(plan_.kinds.front()));
    if (!mine) return leave_out("find", plan_.kinds.front(), mine.error().what);
    const open_session here{token_};
    if (here.rv() != CKR_OK) return leave_out("find", "", name_of(here.rv()));
    key_recipe others{*find_kind("p256")};
    std::size_t made = 0;
    const auto patience = clock::now() + longest_making;
    for (const std::size_t more : {0U, 1U, 10U, 100U, 1000U, 10'000U}) {
      const auto where = "beside " + counted(more, "session key") + " more";
      for (; made != more && !stop_; ++made) {
        if (made % 100 == 0) tell_("making keys to search among: " + std::to_string(made));
        if (const CK_RV rv = others.make(module_, here.handle()); rv != CKR_OK) return leave_out("find", where, name_of(rv));
        if (made == 0 && others.was_kept(module_, here.handle())) {
          destroy(others, here.handle());
          return leave_out("find", where, "the token keeps what is made for a session");
        }
        if (clock::now() > patience) return leave_out("find", where, "the token takes too long to make so many");
      }
      operation finding{.name = "find by CKA_ID", .where = where};
      repeat(where, [&] { return timed(finding, [&] { return search(here.handle(), mine->id()); }); });
      keep(std::move(finding));
    }
  }

  void generate() {
    const open_session here{token_};
    if (here.rv() != CKR_OK) return leave_out("generate", "", name_of(here.rv()));
    std::vector<std::string_view> done;  // "rsa2048" has one key for two kinds
    for (const auto& word : plan_.kinds) {
      const kind& k = *find_kind(word);
      if (std::ranges::find(done, k.key) != done.end()) continue;
      done.push_back(k.key);
      key_recipe pair{k};
      pair.choose_form(module_, here.handle());
      operation making{.name = "C_GenerateKeyPair", .where = std::string{k.key} + ", in a session"};
      repeat(making.where, [&] {
        if (!timed(making, [&] { return pair.make(module_, here.handle()); })) return false;
        return destroy(pair, here.handle());
      });
      keep(std::move(making));
    }
  }

private:
  static std::string name_of(CK_RV rv) { return bench::name_of(make_error_code(hsm::errc{rv})); }

  /// One that stays is named when all ends.
  bool destroy(const key_recipe& pair, CK_SESSION_HANDLE session) const {
    if (pair.destroy(module_, session)) return true;
    if (pair.was_kept(module_, session)) token_.give_up("a key pair without a label, which could not be destroyed");
    return false;
  }

  void leave_out(const std::string& what, const std::string& where, const std::string& why) {
    if (!stop_) out_.absent.push_back({what, where, why});
  }

  void keep(operation o) {
    if (o.time.count() != 0) out_.operations.push_back(std::move(o));
    else if (!o.errors.empty()) leave_out(o.name, o.where, o.errors.begin()->first);
  }

  /// Until there are enough, or it takes too long; ended by what returns false.
  template <class F>
  void repeat(const std::string& where, F once) {
    tell_("timing: " + where);
    const auto end = clock::now() + longest;
    for (unsigned n = 0; n != most_times && !stop_ && (n == 0 || clock::now() < end); ++n)
      if (!once()) return;
  }

  template <class F>
  bool timed(operation& o, F call) {
    const auto begin = clock::now();
    const CK_RV rv = call();
    const auto took = std::chrono::nanoseconds{clock::now() - begin}.count();
    if (rv == CKR_OK) o.time.record(static_cast<std::uint64_t>(took));
    else ++o.errors[name_of(rv)];
    return rv == CKR_OK;
  }

  CK_RV search(CK_SESSION_HANDLE session, const bytes& id) const {
    hsm::attributes wanted;
    wanted.set(CKA_CLASS, CK_ULONG{CKO_PRIVATE_KEY}).set(CKA_ID, id);
    CK_OBJECT_HANDLE found = 0;
    CK_ULONG count = 0;
    const std::shared_lock searching{module_.objects()};
    CK_RV rv = module_.call<&list::C_FindObjectsInit>(session, wanted.data(), wanted.size());
    if (rv != CKR_OK) return rv;
    rv = module_.call<&list::C_FindObjects>(session, &found, CK_ULONG{1}, &count);
    module_.call<&list::C_FindObjectsFinal>(session);
    return rv == CKR_OK && count == 0 ? CK_RV{CKR_KEY_HANDLE_INVALID} : rv;
  }

  bench_token& token_;
  const hsm::module& module_;
  const plan& plan_;
  report& out_;
  const std::function<void(const std::string&)>& tell_;
  const std::atomic<bool>& stop_;
};

}  // namespace

std::span<const std::string_view> operation_words() { return all_operations; }

void time_operations(bench_token& token, const plan& p, report& out, const std::function<void(const std::string&)>& tell,
                     const std::atomic<bool>& stop) {
  timing with{token, p, out, tell, stop};
  constexpr void (timing::* each[])() = {&timing::session, &timing::login, &timing::find, &timing::generate};
  for (std::size_t i = 0; i != std::size(each) && !stop; ++i)
    if (std::ranges::find(p.operations, all_operations[i]) != p.operations.end()) (with.*each[i])();
}

}  // namespace sealring::bench
