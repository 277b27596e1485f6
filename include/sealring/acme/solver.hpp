// Challenge solvers: what makes the CA's validation succeed, as a concept. A minimal model, for http-01:
//
//   struct my_solver {
//     const challenge* choose(const authorization& a) { return a.find(http01); }
//     sealring::result<void> present(const identifier&, const challenge&, const std::string& key_authorization);
//     sealring::result<void> look(const identifier&, const challenge&, const std::string& key_authorization);
//     void clean_up(const identifier&, const challenge&) noexcept;
//   };
//   static_assert(sealring::acme::challenge_solver<my_solver>);
//
// `choose` picks a challenge of the authorization that it can meet, or nullptr: one order may need several types. `present`
// serves a file, sets a record. `look` is called when all are presented: it looks as the CA would, waits until what was
// presented can be seen, or says what is wrong. `clean_up` takes one back that was presented. Where present or look returns
// acme::result, its failure is what the caller gets.
//
// Optional: `bool keeps()`. If true, nothing is cleaned up after a failure that a person must mend
// (condition::operator_needed): for challenges that a person meets, and that go on later. And `std::string response(const
// identifier&, const challenge&)`, which must not block: the payload that tells the CA to look, of types whose response is not
// "{}" (device_attest_payload).
#pragma once

#include "sealring/acme/authorization.hpp"
#include "sealring/acme/flow.hpp"

#include <concepts>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsubobject-linkage"  // of frames that hold a type of a .cpp file's own, in unity builds
#endif

namespace sealring::inline v0::acme {

namespace detail {

template <class R>
concept solver_answer = std::same_as<R, acme::result<void>> || std::same_as<R, sealring::result<void>>;

}  // namespace detail

/// Makes a validation succeed: four functions, which the first lines here describe.
template <class V>
concept challenge_solver =
    requires(V& v, const authorization& a, const identifier& id, const challenge& c, const std::string& key_authorization) {
      { v.choose(a) } -> std::convertible_to<const challenge*>;
      { v.present(id, c, key_authorization) } -> detail::solver_answer;  // a validation may begin
      { v.look(id, c, key_authorization) } -> detail::solver_answer;     // may block
      { v.clean_up(id, c) } noexcept;
    };

/// The same for the asynchronous client: present and look complete with `void(acme::result<void>)`, clean_up with `void()`; all
/// three take any completion token, and their other arguments last until they complete. `choose` must not block. Should the
/// operation be destroyed with its execution context, nothing is cleaned up. offloaded_solver makes one of a blocking solver.
template <class V>
concept async_challenge_solver =
    requires(V& v, const authorization& a, const identifier& id, const challenge& c, const std::string& key_authorization,
             void (*answered)(acme::result<void>), void (*cleaned)()) {
      { v.choose(a) } -> std::convertible_to<const challenge*>;
      v.async_present(id, c, key_authorization, answered);
      v.async_look(id, c, key_authorization, answered);
      v.async_clean_up(id, c, cleaned);
    };

namespace detail {

result<void> answer_of(result<void> answer, const std::string&);
result<void> answer_of(const sealring::result<void>& answer, const std::string& doing);

/// A challenge that is to be met.
struct task {
  std::string authorization;  ///< its URL
  sealring::identifier identifier;
  acme::challenge challenge;
  std::string key_authorization;

  [[nodiscard]] std::string name() const { return challenge.type + " for " + identifier.value; }
};

/// What a solver has presented of some tasks, in a world that is blocking or not.
template <class World, class V>
class presented {
public:
  presented(World& world, V& solver, std::span<const task> tasks) : world_{world}, solver_{solver}, tasks_{tasks} {}
  presented(const presented&) = delete;
  presented& operator=(const presented&) = delete;

  flow<void> present_all() {
    for (const task& t : tasks_) {
      auto ready = co_await world_.present(solver_, t);
      if (!ready) co_return ready;
      ++count_;
    }
    co_return {};
  }

  flow<void> look_at_all() {
    for (const task& t : tasks_) {
      auto seen = co_await world_.look(solver_, t);
      if (!seen) co_return seen;
    }
    co_return {};
  }

  /// What tells the CA to look.
  std::string response_to(const task& t) {
    if constexpr (requires { std::string{solver_.response(t.identifier, t.challenge)}; })
      return solver_.response(t.identifier, t.challenge);
    else return static_cast<void>(t), std::string{respond_payload};
  }

  /// Whatever happened, unless a person must act first and the solver's challenges wait for that.
  flow<void> take_back(const result<void>& done) {
    const std::size_t count = std::exchange(count_, 0);
    if (!done && is_kept_after(done.error())) co_return {};
    for (const task& t : tasks_.first(count)) co_await world_.clean_up(solver_, t);
    co_return {};
  }

private:
  bool is_kept_after(const failure& f) {
    if constexpr (requires { static_cast<bool>(solver_.keeps()); })
      return f.code == condition::operator_needed && f.code != errc::authorization_failed && static_cast<bool>(solver_.keeps());
    else return static_cast<void>(f), false;
  }

  World& world_;
  V& solver_;
  std::span<const task> tasks_;
  std::size_t count_ = 0;
};

}  // namespace detail

}  // namespace sealring::inline v0::acme

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#ifndef SEALRING_COMPILED
#include "sealring/acme/impl/solver.ipp"
#endif
