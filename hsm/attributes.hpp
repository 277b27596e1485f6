// PKCS#11 objects by their attributes: templates, look-up, reading.
#pragma once

#include "hsm/session_pool.hpp"
#include "sealring/bytes.hpp"

#include <initializer_list>
#include <optional>
#include <span>

namespace sealring::inline v0::hsm {

/// A template that owns its values.
class attributes {
public:
  attributes& set(CK_ATTRIBUTE_TYPE type, bool value);
  attributes& set(CK_ATTRIBUTE_TYPE type, CK_ULONG value);
  attributes& set(CK_ATTRIBUTE_TYPE type, bytes_view value);
  attributes& set(CK_ATTRIBUTE_TYPE type, std::string_view value) { return set(type, as_bytes(value)); }
  attributes& drop(CK_ATTRIBUTE_TYPE type);

  /// For a call into a module: valid until the next change.
  CK_ATTRIBUTE* data();
  CK_ULONG size() const noexcept { return owned_.size(); }

private:
  struct attribute {
    CK_ATTRIBUTE_TYPE type;
    bytes value;
  };
  std::vector<attribute> owned_;
  std::vector<CK_ATTRIBUTE> raw_;  // points into owned_, once data() has been called
};

/// A CK_BBOOL, if the token shows one.
enum class flag { no, yes, unsaid };
[[nodiscard]] flag as_flag(const std::optional<bytes>& value);
/// A CK_ULONG, if the token shows one.
[[nodiscard]] std::optional<CK_ULONG> as_number(const std::optional<bytes>& value);

/// Looks at objects through one session. Every failure spoils the session.
class object_reader {
public:
  object_reader(const module& m, session& s) noexcept : module_{m}, session_{s} {}

  /// All that match, the cursor closed again.
  [[nodiscard]] sealring::result<std::vector<CK_OBJECT_HANDLE>> find(attributes wanted) const;

  /// Nothing if the token does not know or does not show the attribute.
  [[nodiscard]] sealring::result<std::optional<bytes>> read(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;

  /// The same of several, in their order: in one call where the token answers them all, and nothing is large.
  [[nodiscard]] sealring::result<std::vector<std::optional<bytes>>> read(CK_OBJECT_HANDLE object,
                                                                         std::span<const CK_ATTRIBUTE_TYPE> types) const;

  /// Nothing also where the value is no CK_BBOOL or CK_ULONG: there are modules that return garbage.
  [[nodiscard]] sealring::result<flag> read_flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;
  [[nodiscard]] sealring::result<std::optional<CK_ULONG>> read_number(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const;

  sealring::result<void> destroy(CK_OBJECT_HANDLE object) const;

private:
  std::error_code failed(CK_RV rv) const noexcept;
  const module& module_;
  session& session_;
};

/// What finds a half of a key again: its class, and its id and label as far as it has them. Copies that live in a session only
/// (session_copy.hpp) are not found.
attributes key_template(CK_OBJECT_CLASS half, bytes_view id, std::string_view label);

}  // namespace sealring::inline v0::hsm
