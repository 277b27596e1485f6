// Entries of a list of CT logs, for tests.
#pragma once

#include "unit/support.hpp"

namespace sealring::test {

inline std::string base64(bytes_view data) {
  std::string text(4 * (data.size() / 3 + 1) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), data.data(), static_cast<int>(data.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

struct log_entry {
  std::string key = base64(detail::to_der<i2d_PUBKEY>(evp_of<es256>()));
  std::string id = base64(must(hash<sha256>(detail::to_der<i2d_PUBKEY>(evp_of<es256>()))).view());
  std::string description = "Elm 2026";
  std::string state = R"({"usable": {"timestamp": "2024-01-01T00:00:00Z"}})";
};

inline std::string to_json(const log_entry& e) {
  return R"({"description": ")" + e.description + R"(", "key": ")" + e.key + R"(", "log_id": ")" + e.id + R"(", "state": )" +
         e.state + "}";
}

inline std::string list_of(const std::string& logs, const std::string& tiled_logs = {}) {
  return R"({"version": "1", "operators": [{"name": "One", "logs": [)" + logs + R"(], "tiled_logs": [)" + tiled_logs + "]}]}";
}

}  // namespace sealring::test
