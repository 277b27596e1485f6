// offloaded_solver{solver, executor}: a challenge solver that blocks, as an async_challenge_solver. It blocks on the executor
// that is named there.
#pragma once

#include "sealring/acme/solver.hpp"
#include "sealring/offload.hpp"

namespace sealring::inline v0::acme {

/// Lends the solver. `choose` and `response`, which do not block, are called on the client's strand, and never while another of
/// its functions is called for the same operation; for several operations at once the solver must be safe from several threads.
/// As with offloaded, what it throws is a failure, and the client's execution context must outlive what the solver does.
template <challenge_solver V>
class offloaded_solver {
public:
  offloaded_solver(V& solver, asio::any_io_executor where) : solver_{&solver}, where_{std::move(where)} {}

  const challenge* choose(const authorization& a) { return solver_->choose(a); }

  bool keeps()
    requires requires(V& v) { static_cast<bool>(v.keeps()); }
  {
    return static_cast<bool>(solver_->keeps());
  }

  std::string response(const identifier& id, const challenge& c)
    requires requires(V& v) { std::string{v.response(id, c)}; }
  {
    return solver_->response(id, c);
  }

  template <asio::completion_token_for<void(result<void>)> Token>
  auto async_present(const identifier& id, const challenge& c, const std::string& key_authorization, Token&& token) {
    return ask(
        "presenting " + c.type + " for " + id.value,
        [&, solver = solver_] { return solver->present(id, c, key_authorization); }, std::forward<Token>(token));
  }

  template <asio::completion_token_for<void(result<void>)> Token>
  auto async_look(const identifier& id, const challenge& c, const std::string& key_authorization, Token&& token) {
    return ask(
        "looking at " + c.type + " for " + id.value, [&, solver = solver_] { return solver->look(id, c, key_authorization); },
        std::forward<Token>(token));
  }

  template <asio::completion_token_for<void()> Token>
  auto async_clean_up(const identifier& id, const challenge& c, Token&& token) {
    return sealring::detail::run_at<void()>(
        where_,
        [&id, &c, solver = solver_](bool) {
          solver->clean_up(id, c);
          return std::tuple<>{};
        },
        std::forward<Token>(token));
  }

private:
  template <class Call, class Token>
  auto ask(std::string doing, Call call, Token&& token) {
    const auto work = [doing = std::move(doing), call](bool cancelled) -> std::tuple<result<void>> {
      if (cancelled) return result<void>{failure{std::make_error_code(std::errc::operation_canceled), doing + ": cancelled"}};
      return caught(call, doing);
    };
    return sealring::detail::run_at<void(result<void>)>(where_, work, std::forward<Token>(token));
  }

  template <class Call>
  static result<void> caught(const Call& call, const std::string& doing) try {
    return detail::answer_of(call(), doing);
  } catch (const std::exception& thrown) {
    return failure{sealring::detail::code_of(thrown), doing + ": " + thrown.what()};
  }

  V* solver_;
  asio::any_io_executor where_;
};

}  // namespace sealring::inline v0::acme
