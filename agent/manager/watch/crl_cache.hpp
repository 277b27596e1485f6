// CRLs, fetched where certificates say, and kept parsed while they are young: thousands of certificates share one.
#pragma once

#include "agent/manager/watch/fetch.hpp"
#include "sealring/x509/crl.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace sealring::agent {

/// Safe from several threads; a thread that wants what another is fetching waits for it.
class crl_cache {
public:
  /// A list is asked for again when the last answer is older than `keep`, and when it has come to its nextUpdate.
  explicit crl_cache(std::chrono::seconds keep) : keep_{keep} {}

  struct answer {
    std::optional<x509::crl> list{};  ///< signed by the issuer; not necessarily current
    std::string trouble{};            ///< why there is none, or no newer one; names the URL
  };
  [[nodiscard]] answer get(const std::string& url, const x509::certificate& issuer, const std::string& ca_file,
                           x509::time_point now);

private:
  struct entry {
    std::mutex mutex{};
    answer last{};
    validators tags{};
    std::optional<x509::time_point> asked_at{};
    x509::time_point wanted_at{};  ///< guarded by the cache's mutex
  };
  using key = std::pair<std::string, bytes>;  ///< URL, and the issuer's certificate

  [[nodiscard]] std::shared_ptr<entry> find(const std::string& url, const x509::certificate& issuer, x509::time_point now);
  [[nodiscard]] bool is_due(const entry&, x509::time_point now) const;

  std::chrono::seconds keep_;
  std::mutex mutex_;
  std::map<key, std::shared_ptr<entry>> entries_;
};

}  // namespace sealring::agent
