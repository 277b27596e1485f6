// One signature in the making, from its init to its end.
#pragma once

#include "agent/provider/scheme.hpp"

namespace sealring::provider {

class signing {
public:
  explicit signing(key& k);
  /// EVP_DigestSignFinal() copies a context first, and ends the copy.
  signing(const signing&);
  signing& operator=(const signing&) = delete;
  ~signing();

  scheme how;

  /// As it was when it was made.
  void begin_again();
  /// Takes a part of the message.
  bool add(bytes_view);
  /// The signature of the message so far; nothing, and an error, where there is none.
  std::optional<bytes> finish();
  /// Of a message that comes whole.
  std::optional<bytes> sign(message) const;
  std::optional<bytes> sign_digest(bytes_view) const;

  /// No signature of this key is longer.
  [[nodiscard]] std::size_t longest() const noexcept;

private:
  std::optional<bytes> ask(bool digested, bytes_view payload) const;

  key* key_;
  // The agent wants to read what it signs, so the message is kept as long as a frame can take it. After that only its hash.
  bytes message_;
  detail::evp_md_ctx digest_;
};

}  // namespace sealring::provider
