#include "bench/report_text.hpp"

#include "catch.hpp"
#include "made_up.hpp"

namespace {

namespace bench = sealring::bench;

bench::report two_layers() {
  auto r = sealring::test::report_of(sealring::test::series_at(1000, 0, 1));
  auto twice = sealring::test::series_at(2000, 0, 2);
  twice.layer = "<hsm> & \"co\"";
  twice.errors["CKR_A, CKR_B"] = 2;
  r.all.push_back(twice);
  r.all.push_back(sealring::test::series_at(1000, 0.02, 1, {"p256", {.threads = 2}, 0}));
  r.operations.push_back({"find", "beside 10 keys", {}, {{"CKR_A", 3}}});
  return r;
}

}  // namespace

TEST_CASE("the table has ratios to the floor", "[report_text]") {
  const auto t = bench::table_of(two_layers());
  REQUIRE(t.rows.size() == 3);
  CHECK(t.rows[0][3] == "-");
  CHECK(t.rows[1][3].starts_with("2.000"));
  CHECK(t.rows[1].back() == "CKR_A, CKR_B x 2");
  CHECK(t.rows[2][0] == "p256, 2 threads");
}

TEST_CASE("CSV has as many cells in each line, quoted where they must be", "[report_text]") {
  const auto text = bench::to_csv(two_layers());
  CHECK(text.starts_with("layer,key_type,"));
  CHECK(text.find("\"<hsm> & \"\"co\"\"\",p256") != std::string::npos);
  CHECK(text.find("\"CKR_A, CKR_B=2\",\r\n") != std::string::npos);
  CHECK(std::ranges::count(text, '\n') == 5);
  const auto last = text.substr(text.rfind('\n', text.size() - 2) + 1);
  CHECK(last.starts_with("\"find, beside 10 keys\","));
  // The first cell has a comma of its own.
  CHECK(std::ranges::count(last, ',') == std::ranges::count(text.substr(0, text.find('\n')), ',') + 1);
}

TEST_CASE("the page shows everything and asks nobody", "[report_text]") {
  const auto page = bench::to_html(two_layers());
  CHECK(page.find("<svg") != std::string::npos);
  CHECK(page.find("&lt;hsm&gt; &amp; &quot;co&quot;") != std::string::npos);
  for (const char* foreign : {"<hsm>", "<script", "http", "src=", "@import", "url(", "nan", "inf"})
    CHECK(page.find(foreign) == std::string::npos);
  CHECK(bench::to_html({}).find("</html>") != std::string::npos);
}
