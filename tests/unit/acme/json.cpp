#include "sealring/acme/json.hpp"

#include "unit/acme/scripted_ca.hpp"

namespace sealring::test {

TEST_CASE("json: a member that is not what it should be is not there", "[json]") {
  const auto o =
      acme::parse_object(
          R"({"t":"x","n":7,"f":true,"o":{},"a":["x",7,{"k":1},null,"y"],"big":18446744073709551615,"less":-1,"r":1.0})")
          .value();
  CHECK(acme::text(o, "t") == "x");
  CHECK(acme::text(o, "n").empty());
  CHECK(acme::text(o, "absent").empty());
  CHECK(acme::flag(o, "f"));
  CHECK_FALSE(acme::flag(o, "t"));
  CHECK(acme::count(o, "n") == 7);
  for (const char* none : {"big", "less", "r", "t", "absent"}) CHECK_FALSE(acme::count(o, none));
  CHECK(acme::object(o, "o") != nullptr);
  CHECK(acme::object(o, "a") == nullptr);
  CHECK(acme::texts(o, "a") == std::vector<std::string>{"x", "y"});
  CHECK(acme::texts(o, "o").empty());
  CHECK(acme::objects(o, "a", [](const acme::json::object& one) { return one.size(); }) == std::vector<std::size_t>{1});
}

TEST_CASE("json: only an object is one", "[json]") {
  for (const char* text : {"", "[]", "7", "{", R"({"a":1}x)", "null"})
    CHECK(acme::parse_object(text).error() == sealring::errc::bad_json);
  CHECK(acme::parse_object(std::string(1000, '[')).error() == sealring::errc::bad_json);
}

TEST_CASE("json: what says so already is left as it is", "[json]") {
  const std::string sent = R"({"t":7,"f":0,"a":[7],"o":"x"})";
  auto o = acme::parse_object(sent).value();
  acme::detail::set_text(o, "t", {});
  acme::detail::set_flag(o, "f", false);
  acme::detail::set_texts(o, "a", {});
  acme::detail::set_object(o, "o", {});
  acme::detail::set_objects(o, "a", std::vector<int>{}, [](int) { return acme::json::object{}; });
  CHECK(acme::json::serialize(o) == sent);
  acme::detail::set_text(o, "t", "x");
  acme::detail::set_flag(o, "f", true);
  acme::detail::set_texts(o, "a", {"x"});
  acme::detail::set_object(o, "o", acme::json::object{});
  CHECK(acme::json::serialize(o) == R"({"t":"x","f":true,"a":["x"],"o":{}})");
  acme::detail::set_objects(o, "a", std::vector{1, 2}, [](int n) { return acme::json::object{{"n", n}}; });
  CHECK(acme::json::serialize(o.at("a")) == R"([{"n":1},{"n":2}])");
  acme::detail::set_text(o, "t", {});
  acme::detail::set_object(o, "o", {});
  acme::detail::set_objects(o, "a", std::vector<int>{}, [](int) { return acme::json::object{}; });
  CHECK(acme::json::serialize(o) == R"({"f":true})");
}

}  // namespace sealring::test
