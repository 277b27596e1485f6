// PKCS#11 URIs (RFC 7512): names of tokens and keys.
//
// A URI that we keep or print never holds a secret. What p11-kit's parser would take and we do not want, we refuse before it
// sees it: a PIN anywhere, `|command` as a PIN's source, an attribute twice, an attribute that nobody knows.
#pragma once

#include "hsm/error.hpp"
#include "sealring/bytes.hpp"

#include <p11-kit/uri.h>
#include "hsm/cryptoki.hpp"

#include <memory>
#include <optional>

namespace sealring::inline v0::hsm {

/// A URI that was parsed, and holds no secret. Cheap to copy.
class uri {
public:
  /// Has `text` the scheme of a PKCS#11 URI, in upper or lower case?
  static bool looks_like_one(std::string_view text) noexcept;

  [[nodiscard]] static result<uri> parse(std::string_view text);

  /// Does the URI name this token, in this slot, of this module? An attribute that the URI lacks fits anything.
  bool fits(const CK_INFO& module, CK_SLOT_ID id, const CK_SLOT_INFO& slot, const CK_TOKEN_INFO& token) const;

  /// Attributes of the key, where the URI has them.
  std::optional<std::string> object() const;
  std::optional<bytes> id() const;
  std::optional<CK_OBJECT_CLASS> type() const;

  /// Where the PIN is, and which module: a path, or `file:` and a path.
  std::optional<std::string> pin_source() const;
  std::optional<std::string> module_path() const;

private:
  using handle = std::shared_ptr<P11KitUri>;  // never changed once parsed, so copies may share it
  explicit uri(handle parsed) : parsed_{std::move(parsed)} {}
  handle parsed_;
};

/// `pkcs11:token=...;serial=...;id=%..;object=...;type=private`, with everything escaped that needs it.
[[nodiscard]] std::string format_uri(std::string_view token, std::string_view serial, bytes_view id, std::string_view object);

}  // namespace sealring::inline v0::hsm
