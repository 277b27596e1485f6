#include "agent/supervisor/manager_start.hpp"

#include "agent/scratch.hpp"

using namespace sealring;
using namespace sealring::test;
using Catch::Contains;

namespace {

// Each user's files in a folder of its own below this one.
agent::config laid_out(const std::filesystem::path& folder) {
  agent::config c = agent::default_config(folder / "etc/sealring.toml");
  c.state.store = "sqlite3://" + (folder / "manager/state.db").string();
  c.state.live = folder / "manager/live";
  c.state.keeper = folder / "keeper";
  c.agent.audit = folder / "keeper/audit.log";
  return c;
}

uid_t owner_of(const std::filesystem::path& path) {
  struct stat status{};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status.st_uid;
}

const agent::walls two_users{.separate = true,
                             .keeper = agent::user{"keeper", 61001, 61001, {}},
                             .manager = agent::user{"manager", 61002, 61002, {}},
                             .says = {}};

}  // namespace

TEST_CASE("the manager's folders are made, and its own where there are walls", "[manager_start]") {
  const scratch_folder folder;
  const auto c = laid_out(folder.path);
  CHECK(agent::manager_folders(c) == std::vector{folder / "manager"});
  const auto alone = agent::plan_manager(c, {});
  REQUIRE(outcome(alone) == "");
  CHECK_FALSE(alone->as);
  CHECK(std::filesystem::is_directory(folder / "manager"));
  if (::geteuid() != 0) return;
  std::filesystem::remove(folder / "manager");
  const auto plan = agent::plan_manager(c, two_users);
  REQUIRE(outcome(plan) == "");
  CHECK(plan->as->name == "manager");
  CHECK(owner_of(folder / "manager") == 61002);
  CHECK(outcome(agent::plan_manager(c, two_users)) == "");
}

TEST_CASE("root takes no folder for the manager's that is not, and gives none away", "[manager_start]") {
  if (::geteuid() != 0) return;
  const scratch_folder folder;
  auto c = laid_out(folder.path);
  std::filesystem::create_directory(folder / "manager");
  CHECK_THAT(outcome(agent::plan_manager(c, two_users)), Contains("is not its folder") && Contains("[state]"));
  CHECK(owner_of(folder / "manager") == 0);
  // A link that the manager has put there leads nowhere.
  std::filesystem::remove(folder / "manager");
  std::filesystem::create_directory_symlink("/etc", folder / "manager");
  CHECK_THAT(outcome(agent::plan_manager(c, two_users)), Contains("is not its folder"));
  CHECK(owner_of("/etc") == 0);
}

TEST_CASE("what the manager must not change does not lie in its folder", "[manager_start]") {
  const scratch_folder folder;
  auto wrong = laid_out(folder.path);
  wrong.state.keeper = folder / "manager/keeper";
  CHECK_THAT(outcome(agent::plan_manager(wrong, two_users)), Contains("the keeper's folder") && Contains("must not lie in"));
  wrong = laid_out(folder.path);
  wrong.state.keeper.reset();  // beside live
  CHECK_THAT(outcome(agent::plan_manager(wrong, two_users)), Contains("the keeper's folder"));
  wrong = laid_out(folder.path);
  wrong.agent.audit = folder / "manager/audit.log";
  CHECK_THAT(outcome(agent::plan_manager(wrong, two_users)), Contains("the log (\"audit\" under [agent])"));
  wrong = laid_out(folder.path);
  wrong.file = folder / "manager/sealring.toml";
  CHECK_THAT(outcome(agent::plan_manager(wrong, two_users)), Contains("the configuration must not lie in"));
}

TEST_CASE("the right to low ports is kept where http-01 needs it", "[manager_start]") {
  const scratch_folder folder;
  auto c = laid_out(folder.path);
  for (const auto& [listen, left] : {std::pair{"0.0.0.0:80", agent::keep::low_ports},
                                     {":80", agent::keep::low_ports},
                                     {"[::1]:1023", agent::keep::low_ports},
                                     {"127.0.0.1:1024", agent::keep::nothing},
                                     {"127.0.0.1:0", agent::keep::nothing},
                                     {"127.0.0.1:http", agent::keep::nothing},
                                     {"", agent::keep::nothing}}) {
    c.http01.listen = listen;
    CHECK(agent::plan_manager(c, {})->left == left);
  }
}
