#include "sealring/acme/timestamp.hpp"

#include "unit/support.hpp"

namespace sealring::test {

using namespace std::chrono;

TEST_CASE("timestamp: the examples of RFC 3339 section 5.8", "[timestamp]") {
  CHECK(acme::parse_timestamp("1985-04-12T23:20:50.52Z") == sys_days{1985y / 4 / 12} + 23h + 20min + 50s);
  CHECK(acme::parse_timestamp("1996-12-19T16:39:57-08:00") == sys_days{1996y / 12 / 20} + 0h + 39min + 57s);
  CHECK(acme::parse_timestamp("1990-12-31T23:59:60Z") == sys_days{1991y / 1 / 1});
  CHECK(acme::parse_timestamp("1990-12-31T15:59:60-08:00") == sys_days{1991y / 1 / 1});
  CHECK(acme::parse_timestamp("1937-01-01T12:00:27.87+00:20") == sys_days{1937y / 1 / 1} + 11h + 40min + 27s);
}

TEST_CASE("timestamp: either case, any fraction, the ends of the calendar", "[timestamp]") {
  CHECK(acme::parse_timestamp("2025-01-02t04:00:00z") == sys_days{2025y / 1 / 2} + 4h);
  CHECK(acme::parse_timestamp("2025-01-02T04:00:00." + std::string(1000, '9') + "Z") == sys_days{2025y / 1 / 2} + 4h);
  CHECK(acme::parse_timestamp("2025-01-02T04:00:00-00:00") == sys_days{2025y / 1 / 2} + 4h);
  CHECK(acme::parse_timestamp("2024-02-29T00:00:00Z") == sys_days{2024y / 2 / 29});
  CHECK(acme::parse_timestamp("0000-01-01T00:00:00+23:59") == sys_days{0y / 1 / 1} - 23h - 59min);
  CHECK(acme::parse_timestamp("9999-12-31T23:59:59-23:59") == sys_days{9999y / 12 / 31} + 47h + 58min + 59s);
}

TEST_CASE("timestamp: all else is refused", "[timestamp]") {
  for (const char* bad :
       {"", "2025", "2025-01-02", "2025-01-02T04:00:00", "2025-01-02 04:00:00Z", "2025-01-02T04:00Z", "2025-01-02T04:00:00.Z",
        "2025-01-02T04:00:00,5Z", "2025-01-02T04:00:00.5", "2025-01-02T04:00:00ZZ", " 2025-01-02T04:00:00Z",
        "2025-01-02T04:00:00Z ", "2025-01-02T04:00:00+0100", "2025-01-02T04:00:00+01", "2025-01-02T04:00:00+24:00",
        "2025-01-02T04:00:00+01:60", "2025-01-02T04:00:00 01:00", "2025-00-02T04:00:00Z", "2025-13-02T04:00:00Z",
        "2025-02-29T04:00:00Z", "2025-01-00T04:00:00Z", "2025-01-32T04:00:00Z", "2025-01-02T24:00:00Z", "2025-01-02T04:60:00Z",
        "2025-01-02T04:00:61Z", "25-01-02T04:00:00Z", "+025-01-02T04:00:00Z", "-025-01-02T04:00:00Z", "2025-1-02T04:00:00Z",
        "2025-01-02T4:00:00Z", "2025-01-02T04:00:0aZ", "20250102T040000Z",
        // leap seconds where there can be none
        "2025-01-02T04:00:60Z", "2025-01-02T23:59:60Z", "2025-06-30T23:59:60+01:00", "1990-12-31T23:58:60Z"}) {
    INFO(bad);
    CHECK_FALSE(acme::parse_timestamp(bad));
  }
}

TEST_CASE("timestamp: written in UTC, and read again", "[timestamp]") {
  using namespace std::chrono;
  for (const auto& [time, text] : {std::pair{sys_seconds{sys_days{2016y / 1 / 1}}, "2016-01-01T00:00:00Z"},
                                   {sys_days{1985y / 4 / 12} + 23h + 20min + 50s, "1985-04-12T23:20:50Z"},
                                   {sys_days{1y / 2 / 3} + 4h + 5min + 6s, "0001-02-03T04:05:06Z"},
                                   {sys_days{9999y / 12 / 31} + 23h + 59min + 59s, "9999-12-31T23:59:59Z"}}) {
    CHECK(acme::format_timestamp(time) == text);
    CHECK(acme::parse_timestamp(text) == time);
  }
}

}  // namespace sealring::test
