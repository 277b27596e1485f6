#include "bench/facts.hpp"

#include "bench/measures.hpp"
#include "sealring/config.hpp"

#include <openssl/crypto.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <ctime>
#include <fstream>

namespace sealring::bench {
namespace {

std::string first_line(const std::string& file) {
  std::string line;
  std::getline(std::ifstream{file}, line);
  return line;
}

std::string version(const CK_VERSION& v) { return std::to_string(v.major) + '.' + std::to_string(v.minor); }

fact_list machine() {
  utsname name{};
  uname(&name);
  fact_list all{{"processor", field("/proc/cpuinfo", "model name")},
                {"cpus", std::to_string(sysconf(_SC_NPROCESSORS_ONLN))},
                {"governor", first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")},
                {"virtual", field("/proc/cpuinfo", "flags").find(" hypervisor") != std::string::npos ? "yes" : "no"},
                {"memory", field("/proc/meminfo", "MemTotal")},
                {"kernel", std::string{name.sysname} + ' ' + name.release + ' ' + name.machine},
                {"load before", first_line("/proc/loadavg")},
                {"libcrypto", OpenSSL_version(OPENSSL_VERSION)},
                {"sealring", sealring::version}};
  std::erase_if(all, [](const auto& one) { return one.second.empty(); });
  return all;
}

/// PKCS#11's names of those that sign with private keys.
constexpr std::pair<CK_MECHANISM_TYPE, const char*> signing_mechanisms[] = {
    {CKM_RSA_PKCS, "CKM_RSA_PKCS"},
    {CKM_RSA_PKCS_PSS, "CKM_RSA_PKCS_PSS"},
    {CKM_SHA256_RSA_PKCS, "CKM_SHA256_RSA_PKCS"},
    {CKM_SHA256_RSA_PKCS_PSS, "CKM_SHA256_RSA_PKCS_PSS"},
    {CKM_ECDSA, "CKM_ECDSA"},
    {CKM_ECDSA_SHA256, "CKM_ECDSA_SHA256"},
    {CKM_ECDSA_SHA384, "CKM_ECDSA_SHA384"},
    {CKM_ECDSA_SHA512, "CKM_ECDSA_SHA512"},
    {CKM_EDDSA, "CKM_EDDSA"},
};

}  // namespace

facts facts_of(const bench_token& token) {
  facts all;
  std::array<char, 32> now{};
  const std::time_t seconds = std::time(nullptr);
  std::tm utc{};
  std::strftime(now.data(), now.size(), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &utc));
  all.time = now.data();
  all.machine = machine();
  const auto& info = token.info();
  all.token = {{"module", token.module()->path().string()},
               {"description", token.module()->description()},
               {"library", version(token.module()->info().libraryVersion)},
               {"label", info.label},
               {"manufacturer", info.manufacturer},
               {"model", info.model},
               {"serial", info.serial}};
  CK_TOKEN_INFO more{};
  if (token.module()->call<&CK_FUNCTION_LIST::C_GetTokenInfo>(info.slot, &more) == CKR_OK) {
    all.token.emplace_back("hardware", version(more.hardwareVersion));
    all.token.emplace_back("firmware", version(more.firmwareVersion));
    all.token.emplace_back("most sessions", more.ulMaxSessionCount == CK_EFFECTIVELY_INFINITE ? "no limit"
                                            : more.ulMaxSessionCount == CK_UNAVAILABLE_INFORMATION
                                                ? "not said"
                                                : std::to_string(more.ulMaxSessionCount));
  }
  for (const auto& [type, name] : signing_mechanisms) {
    CK_MECHANISM_INFO can{};
    if (token.module()->call<&CK_FUNCTION_LIST::C_GetMechanismInfo>(info.slot, type, &can) == CKR_OK &&
        (can.flags & CKF_SIGN) != 0)
      all.mechanisms.emplace_back(name);
  }
  return all;
}

}  // namespace sealring::bench
