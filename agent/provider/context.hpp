// The provider as long as it is loaded: OpenSSL's core above it, the agents below, and a library context of its own.
#pragma once

#include "agent/provider/agent_link.hpp"

#include <openssl/core_dispatch.h>
#include <openssl/provider.h>

#include <chrono>
#include <cstdarg>
#include <memory>
#include <source_location>

namespace sealring::provider {

/// Reasons on OpenSSL's error queue; reason_strings has their texts.
enum class reason : std::uint32_t {
  agent_unreachable = 1,
  agent_refused,
  malformed_reference,
  unsupported,
  bad_configuration,
  internal,
};

/// For OSSL_FUNC_PROVIDER_GET_REASON_STRINGS.
extern const OSSL_ITEM reason_strings[];

/// What its section in openssl.cnf may say.
struct settings {
  std::vector<std::string> sockets{};  ///< "sealring-sockets", for keys that are named without a reference
  uid_t agent = 0;                     ///< "sealring-uid": who listens there
  std::chrono::milliseconds deadline = std::chrono::seconds{2};  ///< "sealring-deadline-ms"

  /// What is wrong with the section, told to whoever wants a key: OpenSSL says nothing of a provider that did not start.
  std::string fault{};
};

/// Safe from many threads, and after fork().
class context {
public:
  /// Nothing where OpenSSL lacks what we need.
  static std::unique_ptr<context> make(const OSSL_CORE_HANDLE*, const OSSL_DISPATCH* from_core);
  context(const context&) = delete;
  context& operator=(const context&) = delete;
  ~context();

  /// Public keys and hashes live here, with the default provider alone: what we ask of it never comes back to us. nullptr
  /// where there is no default provider. Made at the first use, since most programs that load us have no key of ours.
  [[nodiscard]] OSSL_LIB_CTX* library() const noexcept;
  /// For reading from the core's BIOs.
  [[nodiscard]] OSSL_LIB_CTX* bare_library() const noexcept { return library_; }

  /// All keys of one agent share its sockets. nullptr where memory is short.
  [[nodiscard]] agent_link* link_to(const std::vector<std::string>& sockets, uid_t agent) const;

  [[nodiscard]] const settings& configured() const noexcept { return settings_; }

  /// Puts an error on the queue. Returns 0, as a function that has failed does.
  int raise(reason, const char* text, std::source_location = std::source_location::current()) const noexcept;
  int raise(reason why, const std::string& text, std::source_location at = std::source_location::current()) const noexcept {
    return raise(why, text.c_str(), at);
  }
  /// What an agent's refusal, or its absence, means for the key.
  int raise(const client::refusal&, const std::string& key, const agent_link&) const;

private:
  context() = default;
  void configure();

  const OSSL_CORE_HANDLE* core_ = nullptr;
  OSSL_FUNC_core_get_params_fn* get_params_ = nullptr;
  OSSL_FUNC_core_new_error_fn* new_error_ = nullptr;
  OSSL_FUNC_core_set_error_debug_fn* set_error_debug_ = nullptr;
  OSSL_FUNC_core_vset_error_fn* vset_error_ = nullptr;
  OSSL_LIB_CTX* library_ = nullptr;
  mutable std::atomic<OSSL_PROVIDER*> default_{nullptr};
  // Only ever grows, so that it needs no lock that a fork() could find held.
  mutable std::atomic<agent_link*> links_{nullptr};
  settings settings_;
};

}  // namespace sealring::provider
