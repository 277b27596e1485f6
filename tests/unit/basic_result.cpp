#include "sealring/basic_result.hpp"
#include "unit/support.hpp"

#include <memory>

namespace sealring::test {
namespace {

struct line {
  std::error_code code;
  std::string what;
  line() = default;
  line(std::error_code c) : code{c}, what{"by itself"} {}
  line(std::error_code c, std::string w) : code{c}, what{std::move(w)} {}
  friend bool operator==(const line&, const line&) = default;
};
struct thrown {
  std::string what;
};
[[noreturn]] void throw_failure(const line& why) { throw thrown{why.what}; }

template <class T>
using told = basic_result<T, line>;

const std::error_code der_fault = make_error_code(errc::bad_der);

}  // namespace

TEST_CASE("basic_result: a value or an error, and what value() throws is found by the error's type", "[basic_result]") {
  const told<std::string> text{"text"}, none{line{der_fault, "why"}};
  CHECK(text);
  CHECK(text.value() == "text");
  CHECK(text->size() == 4);
  CHECK(text.error() == line{});
  CHECK(none.has_error());
  CHECK(none.error().what == "why");
  CHECK_THROWS_AS(none.value(), thrown);
  CHECK_THROWS_AS(result<int>{der_fault}.value(), std::system_error);
  CHECK_THROWS_AS(result<void>{der_fault}.value(), std::system_error);
  CHECK_NOTHROW(result<void>{}.value());
}

TEST_CASE("basic_result: what only moves goes in and out", "[basic_result]") {
  told<std::unique_ptr<int>> one{std::make_unique<int>(1)};
  told<std::unique_ptr<int>> other{line{der_fault, "why"}};
  other = std::move(one);
  CHECK(**other == 1);
  const std::unique_ptr<int> out = *std::move(other);
  CHECK(*out == 1);
  other = line{der_fault, "again"};
  CHECK(other.error().what == "again");
  CHECK(std::move(other).error().what == "again");
}

TEST_CASE("basic_result: assigned over itself, and from value to error and back", "[basic_result]") {
  told<std::string> it{std::string(100, 'a')};
  const auto& same = it;
  it = same;
  CHECK(it->size() == 100);
  it = line{der_fault, std::string(100, 'w')};
  it = same;
  CHECK(it.error().what.size() == 100);
  it = std::string(50, 'b');
  CHECK(it->size() == 50);
  CHECK(it == told<std::string>{std::string(50, 'b')});
  CHECK_FALSE(it == told<std::string>{line{der_fault}});
}

TEST_CASE("basic_result: another's value or error, where ours is made of it", "[basic_result]") {
  const told<std::string> text = result<const char*>{"text"};
  CHECK(*text == "text");
  const told<std::string> none = result<const char*>{der_fault};
  CHECK(none.error() == line{der_fault, "by itself"});
  const told<void> done = result<void>{}, not_done = result<void>{der_fault};
  CHECK(done);
  CHECK(not_done.error().what == "by itself");
}

}  // namespace sealring::test
