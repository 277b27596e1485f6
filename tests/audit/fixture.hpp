// What the tests of the audit log share: a key in software, requests, and logs made by the log itself.
#pragma once

#include "agent/keeper/audit/log.hpp"
#include "agent/keeper/audit/verify.hpp"
#include "agent/scratch.hpp"
#include "sealring/software_key.hpp"

#include <mutex>

namespace sealring::test {

namespace audit = agent::audit;

inline software_key<es256> new_key() {
  auto key = software_key<es256>::generate();
  REQUIRE(key.has_value());
  return *key;
}

inline bytes spki_of(const software_key<es256>& key) { return to_spki(key.public_key()).value(); }

inline agent::result<bytes> sign_with(const software_key<es256>& key, bytes_view message) {
  const auto signature = sealring::sign(key, message);
  if (!signature) return agent::fail(signature.error(), "sign");
  return bytes{signature->begin(), signature->end()};
}

inline audit::request some_request(std::uint64_t i = 0) {
  return {
      .who = {.pid = 4242, .uid = 33, .gid = 33, .start = 7000 + i, .comm = "nginx", .cgroup = "/system.slice/nginx.service"},
      .key = "example.com",
      .spki = std::string(64, 'a'),
      .purpose = "tls-server",
      .operation = "sign",
      .what = "TLS 1.3 CertificateVerify, transcript " + std::to_string(i),
      .verdict = i % 3 == 0 ? audit::decision::denied : audit::decision::allowed,
      .rule = i % 3 == 0 ? "tls-server: rate" : "tls-server: TLS 1.3",
      .detail = ""};
}

/// A log in a folder of its own, with what its anchor was told.
struct log_fixture {
  scratch_folder folder;
  software_key<es256> key = new_key();
  std::filesystem::path file = folder / "audit.log";
  std::vector<std::string> anchored{};
  std::vector<std::string> reported{};
  std::mutex mutex{};

  /// Checkpoints only when asked for, unless `records` says otherwise.
  audit::log_options options(std::uint64_t records = 1'000'000) {
    return {.file = file,
            .key = spki_of(key),
            .sign = [this](bytes_view message) { return sign_with(key, message); },
            .anchors = {[this](std::string_view line) -> agent::result<void> {
              const std::lock_guard lock{mutex};
              anchored.emplace_back(line);
              return {};
            }},
            .checkpoint_records = records,
            .checkpoint_interval = std::chrono::hours{1},
            .report =
                [this](const agent::failure& f) {
                  const std::lock_guard lock{mutex};
                  reported.push_back(f.what);
                }};
  }
  audit::audit_log open(std::uint64_t records = 1'000'000) { return open(options(records)); }
  static audit::audit_log open(audit::log_options o) {
    auto log = audit::audit_log::open(std::move(o));
    CHECK(outcome(log) == "");
    REQUIRE(log.has_value());
    return *std::move(log);
  }
  audit::verification verify(const audit::anchored_checkpoints* anchors = nullptr) const {
    auto v = audit::verify(file, spki_of(key), anchors);
    REQUIRE(v.has_value());
    return *v;
  }
  audit::anchored_checkpoints anchors() const {
    std::string text;
    for (const auto& line : anchored) text += line + '\n';
    return audit::read_anchors(text);
  }
};

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    REQUIRE(end != text.npos);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

inline std::string why(const audit::verification& v) { return v.first_bad ? v.first_bad->why : std::string{}; }

}  // namespace sealring::test
