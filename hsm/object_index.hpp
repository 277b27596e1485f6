// A token's objects of one class by their CKA_ID, read in one pass: many tokens read all their objects for each search, so that
// ten thousand keys looked up one by one would take hours.
#pragma once

#include "hsm/attributes.hpp"

#include <map>
#include <span>

namespace sealring::inline v0::hsm {

/// What it was when it was made. Objects without a CKA_ID are not in it, nor those that cannot be read, which are counted.
class object_index {
public:
  [[nodiscard]] static object_index make(const object_reader& reader, std::span<const CK_OBJECT_HANDLE> objects) {
    object_index made;
    for (const auto object : objects) {
      static constexpr CK_ATTRIBUTE_TYPE id[]{CKA_ID};
      auto said = reader.read(object, id);
      if (!said) ++made.unreadable_;
      else if (auto& value = said->front(); value && !value->empty()) made.by_id_[*std::move(value)].push_back(object);
    }
    return made;
  }

  /// Of all objects of a class.
  [[nodiscard]] static sealring::result<object_index> make(const object_reader& reader, CK_OBJECT_CLASS kind) {
    const auto objects = reader.find(key_template(kind, {}, {}));
    if (!objects) return objects.error();
    return make(reader, *objects);
  }

  [[nodiscard]] std::vector<CK_OBJECT_HANDLE> find(const bytes& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? std::vector<CK_OBJECT_HANDLE>{} : found->second;
  }

  [[nodiscard]] std::size_t unreadable() const noexcept { return unreadable_; }

private:
  std::size_t unreadable_ = 0;
  std::map<bytes, std::vector<CK_OBJECT_HANDLE>> by_id_;
};

}  // namespace sealring::inline v0::hsm
