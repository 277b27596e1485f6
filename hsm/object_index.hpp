// A token's keys of one class by their CKA_ID, read in one pass: many tokens read all their objects for each search, so that
// ten thousand keys looked up one by one would take hours.
#pragma once

#include "hsm/attributes.hpp"

#include <map>
#include <span>

namespace sealring::inline v0::hsm {

/// What it was when it was made. Keys without a CKA_ID are not in it, nor those that cannot be read, which are counted.
class object_index {
public:
  struct entry {
    CK_OBJECT_HANDLE object;
    std::optional<CK_ULONG> type;  ///< CKA_KEY_TYPE
  };

  [[nodiscard]] static object_index make(const object_reader& reader, std::span<const CK_OBJECT_HANDLE> keys) {
    object_index made;
    for (const auto object : keys) {
      static constexpr CK_ATTRIBUTE_TYPE id_and_type[]{CKA_ID, CKA_KEY_TYPE};
      auto said = reader.read(object, id_and_type);
      if (!said) ++made.unreadable_;
      else if (auto& id = said->front(); id && !id->empty())
        made.by_id_[*std::move(id)].push_back({object, as_number(said->back())});
    }
    return made;
  }

  /// Of all keys of a class.
  [[nodiscard]] static sealring::result<object_index> make(const object_reader& reader, CK_OBJECT_CLASS kind) {
    const auto keys = reader.find(key_template(kind, {}, {}));
    if (!keys) return keys.error();
    return make(reader, *keys);
  }

  [[nodiscard]] std::vector<entry> find(const bytes& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? std::vector<entry>{} : found->second;
  }

  [[nodiscard]] std::size_t unreadable() const noexcept { return unreadable_; }

private:
  std::size_t unreadable_ = 0;
  std::map<bytes, std::vector<entry>> by_id_;
};

}  // namespace sealring::inline v0::hsm
