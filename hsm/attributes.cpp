#include "hsm/attributes.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace sealring::inline v0::hsm {

attributes& attributes::set(CK_ATTRIBUTE_TYPE type, bytes_view value) {
  owned_.push_back({type, {value.begin(), value.end()}});
  return *this;
}

attributes& attributes::set(CK_ATTRIBUTE_TYPE type, bool value) {
  const CK_BBOOL octet = value ? CK_TRUE : CK_FALSE;
  return set(type, bytes_view{&octet, 1});
}

attributes& attributes::set(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
  fixed_bytes<sizeof value> octets{};
  std::memcpy(octets.data(), &value, sizeof value);
  return set(type, bytes_view{octets});
}

attributes& attributes::drop(CK_ATTRIBUTE_TYPE type) {
  std::erase_if(owned_, [type](const attribute& a) { return a.type == type; });
  return *this;
}

CK_ATTRIBUTE* attributes::data() {
  raw_.clear();
  for (auto& [type, value] : owned_) raw_.push_back({type, value.data(), value.size()});
  return raw_.data();
}

flag as_flag(const std::optional<bytes>& value) {
  if (!value || value->size() != 1 || value->front() > 1) return flag::unsaid;
  return value->front() == CK_TRUE ? flag::yes : flag::no;
}

std::optional<CK_ULONG> as_number(const std::optional<bytes>& value) {
  CK_ULONG number = 0;
  if (!value || value->size() != sizeof number) return std::nullopt;
  std::memcpy(&number, value->data(), sizeof number);
  return number;
}

std::error_code object_reader::failed(CK_RV rv) const noexcept {
  session_.spoil();
  return make_error_code(errc{rv});
}

sealring::result<std::vector<CK_OBJECT_HANDLE>> object_reader::find(attributes wanted) const {
  const std::shared_lock others_may_search{module_.objects()};
  CK_RV rv = module_.call<&CK_FUNCTION_LIST::C_FindObjectsInit>(session_.handle(), wanted.data(), wanted.size());
  if (rv != CKR_OK) return failed(rv);
  std::vector<CK_OBJECT_HANDLE> found;
  std::array<CK_OBJECT_HANDLE, 64> batch{};
  CK_ULONG count = 0;
  do {
    count = 0;
    rv = module_.call<&CK_FUNCTION_LIST::C_FindObjects>(session_.handle(), batch.data(), CK_ULONG{batch.size()}, &count);
    if (rv != CKR_OK) return failed(rv);
    if (count > batch.size()) return failed(CKR_GENERAL_ERROR);
    found.insert(found.end(), batch.begin(), batch.begin() + static_cast<std::ptrdiff_t>(count));
  } while (count != 0);
  rv = module_.call<&CK_FUNCTION_LIST::C_FindObjectsFinal>(session_.handle());
  if (rv != CKR_OK) return failed(rv);
  return found;
}

// One attribute a call where one of them may be missing: several get one common error code, and modules differ in how they fill
// in the rest.
sealring::result<std::vector<std::optional<bytes>>> object_reader::read(CK_OBJECT_HANDLE object,
                                                                        std::span<const CK_ATTRIBUTE_TYPE> types) const {
  constexpr std::size_t room = 520;  // for a modulus of 4096 bits and a zero before it
  bytes values(types.size() * room);
  std::vector<CK_ATTRIBUTE> wanted;
  for (std::size_t i = 0; i != types.size(); ++i) wanted.push_back({types[i], values.data() + i * room, CK_ULONG{room}});
  const CK_RV rv =
      module_.call<&CK_FUNCTION_LIST::C_GetAttributeValue>(session_.handle(), object, wanted.data(), CK_ULONG{wanted.size()});
  const bool all = rv == CKR_OK && std::ranges::all_of(wanted, [](const CK_ATTRIBUTE& a) { return a.ulValueLen < room; });
  std::vector<std::optional<bytes>> out;
  for (const CK_ATTRIBUTE& one : wanted) {
    if (all) {
      const auto* const value = static_cast<const std::uint8_t*>(one.pValue);
      out.emplace_back(bytes(value, value + one.ulValueLen));
      continue;
    }
    auto value = read(object, one.type);
    if (!value) return value.error();
    out.push_back(*std::move(value));
  }
  return out;
}

sealring::result<std::optional<bytes>> object_reader::read(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
  const auto get = [&](CK_ATTRIBUTE& wanted) {
    return module_.call<&CK_FUNCTION_LIST::C_GetAttributeValue>(session_.handle(), object, &wanted, CK_ULONG{1});
  };
  constexpr CK_ULONG largest = 1 << 16;
  CK_ATTRIBUTE wanted{type, nullptr, 0};
  CK_RV rv = get(wanted);
  if (rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_SENSITIVE) return std::optional<bytes>{};
  if (rv != CKR_OK) return failed(rv);
  if (wanted.ulValueLen == CK_UNAVAILABLE_INFORMATION) return std::optional<bytes>{};
  if (wanted.ulValueLen > largest) return failed(CKR_GENERAL_ERROR);
  bytes value(wanted.ulValueLen);
  if (value.empty()) return std::optional{value};
  wanted.pValue = value.data();
  rv = get(wanted);
  if (rv != CKR_OK) return failed(rv);
  if (wanted.ulValueLen > value.size()) return failed(CKR_GENERAL_ERROR);
  value.resize(wanted.ulValueLen);
  return std::optional{std::move(value)};
}

sealring::result<flag> object_reader::read_flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
  const auto value = read(object, type);
  if (!value) return value.error();
  return as_flag(*value);
}

sealring::result<std::optional<CK_ULONG>> object_reader::read_number(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
  const auto value = read(object, type);
  if (!value) return value.error();
  return as_number(*value);
}

sealring::result<void> object_reader::destroy(CK_OBJECT_HANDLE object) const {
  const std::lock_guard alone{module_.objects()};
  const CK_RV rv = module_.call<&CK_FUNCTION_LIST::C_DestroyObject>(session_.handle(), object);
  if (rv != CKR_OK) return failed(rv);
  return {};
}

attributes key_template(CK_OBJECT_CLASS half, bytes_view id, std::string_view label) {
  attributes wanted;
  wanted.set(CKA_CLASS, half).set(CKA_TOKEN, true);
  if (!id.empty()) wanted.set(CKA_ID, id);
  if (!label.empty()) wanted.set(CKA_LABEL, label);
  return wanted;
}

}  // namespace sealring::inline v0::hsm
