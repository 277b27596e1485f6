// The watcher alone: a NAME of live/ a line on standard input, its findings as a line of JSON on standard output.
//
// usage: watch_probe SEALRING-TOML
#include "agent/file.hpp"
#include "agent/manager/watch/watcher.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <iostream>

using namespace sealring;
namespace json = boost::json;

namespace {

std::string serial_of(const agent::config& c, const std::string& name) {
  const auto content = agent::read_file(c.state.live / name / "cert.pem").value();
  return x509::read_certificates(content).value().front().serial();
}

json::object show(const agent::findings& f) {
  json::object shown{
      {"valid_scts", f.valid_scts}, {"unknown_scts", f.unknown_scts}, {"bad_scts", f.bad_scts}, {"trouble", f.trouble}};
  if (f.revoked_at) shown["revoked_at"] = f.revoked_at->time_since_epoch().count();
  if (f.revocation_reason) shown["revocation_reason"] = *f.revocation_reason;
  return shown;
}

}  // namespace

int main(int, char** argv) {
  const auto config = agent::load(argv[1]);
  if (!config) return std::cerr << config.error().what << '\n', 1;
  const auto watcher = agent::watcher::make(std::make_shared<const agent::config>(*config));
  if (!watcher) return std::cerr << watcher.error().what << '\n', 1;
  for (std::string name; std::getline(std::cin, name);) {
    agent::certificate held{};
    held.name = name;
    held.directory = config->ca.directory;
    held.serial = serial_of(*config, name);
    std::cout << json::serialize(show(watcher->check(held))) << '\n' << std::flush;
  }
}
