#include "agent/manager/watch/ct_log_file.hpp"

#include "agent/scratch.hpp"
#include "unit/acme/ct_logs.hpp"

using namespace sealring;
using namespace sealring::test;
using Catch::Contains;

TEST_CASE("a list is read again when its file has changed, and only then", "[ct_log_file]") {
  const scratch_folder folder;
  const auto file = folder / "logs.json";
  agent::ct_log_file logs{file};
  CHECK_FALSE(logs.now().list);
  CHECK_THAT(logs.now().trouble, Contains("logs.json"));

  spill(file, list_of(to_json({})));
  const auto first = logs.now();
  CHECK(first.trouble.empty());
  REQUIRE(first.list);
  CHECK(first.list->logs.size() == 1);
  CHECK(logs.now().list == first.list);

  spill(folder / "next", list_of(""));
  std::filesystem::rename(folder / "next", file);
  REQUIRE(logs.now().list);
  CHECK(logs.now().list->logs.empty());
}

TEST_CASE("a file that went bad leaves the list that was there", "[ct_log_file]") {
  const scratch_folder folder;
  const auto file = folder / "logs.json";
  spill(file, list_of(to_json({})));
  agent::ct_log_file logs{file};
  const auto good = logs.now();
  REQUIRE(good.list);

  spill(file, "{");
  CHECK(logs.now().list == good.list);
  CHECK_THAT(logs.now().trouble, Contains("logs.json:1:"));
  std::filesystem::remove(file);
  CHECK(logs.now().list == good.list);
  CHECK_THAT(logs.now().trouble, Contains("No such file"));
  spill(file, list_of("{},{},{},{},{},{},{}," + to_json({})));
  CHECK(logs.now().list->logs.size() == 1);
  CHECK_THAT(logs.now().trouble, Contains("logs[4].key") && Contains("and 2 more") && !Contains("logs[5]"));
}
