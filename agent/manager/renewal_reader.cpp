#include "agent/manager/renewal_reader.hpp"

#include "agent/manager/acme_failure.hpp"

#include <algorithm>
#include <mutex>

namespace sealring::agent {

namespace {

using clock = std::chrono::steady_clock;
constexpr auto directory_lasts = std::chrono::hours{1};
constexpr std::size_t connections_kept = 4;

}  // namespace

struct renewal_reader::connection {
  ca_section section;
  traced_http http;
  std::optional<acme::directory> directory{};
  clock::time_point read_at{};
};

struct renewal_reader::pool {
  std::mutex mutex;
  std::vector<std::unique_ptr<connection>> idle;
};

renewal_reader::renewal_reader() : pool_{std::make_unique<pool>()} {}
renewal_reader::~renewal_reader() = default;

std::unique_ptr<renewal_reader::connection> renewal_reader::borrow(const ca_section& section) {
  const std::lock_guard lock{pool_->mutex};
  const auto found = std::ranges::find_if(pool_->idle, [&](const auto& one) { return one->section == section; });
  if (found == pool_->idle.end()) return std::make_unique<connection>(connection{section, make_http(section, {})});
  auto out = std::move(*found);
  pool_->idle.erase(found);
  return out;
}

void renewal_reader::give_back(std::unique_ptr<connection> c) {
  const std::lock_guard lock{pool_->mutex};
  if (pool_->idle.size() == connections_kept) pool_->idle.erase(pool_->idle.begin());
  pool_->idle.push_back(std::move(c));
}

result<renewal_suggestion> renewal_reader::ask(const ca_section& section, const std::string& certificate_id) {
  auto c = borrow(section);
  if (!c->directory || clock::now() - c->read_at > directory_lasts) {
    auto read = acme::read_directory(c->http, section.directory);
    if (!read) return from(read.error());
    c->directory = *std::move(read);
    c->read_at = clock::now();
  }
  if (c->directory->renewal_info.empty() || certificate_id.empty()) {
    give_back(std::move(c));
    return fail(condition::unsupported, section.directory + " suggests no time for a renewal");
  }
  auto suggested = acme::read_renewal_info(c->http, *c->directory, certificate_id);
  if (!suggested) return from(suggested.error());  // the next one connects anew
  give_back(std::move(c));
  return renewal_suggestion{suggested->start, suggested->end, suggested->explanation_url, suggested->retry_after};
}

}  // namespace sealring::agent
