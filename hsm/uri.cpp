#include "hsm/uri.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace sealring::inline v0::hsm {

namespace {

constexpr std::string_view scheme = "pkcs11:";
constexpr std::size_t longest = 4096;

// RFC 7512 section 2.3. Vendors may add attributes; one that nobody here understands might narrow what the URI names, so it is
// refused rather than passed over.
constexpr std::array<std::string_view, 13> path_attributes{"id",
                                                           "library-description",
                                                           "library-manufacturer",
                                                           "library-version",
                                                           "manufacturer",
                                                           "model",
                                                           "object",
                                                           "serial",
                                                           "slot-description",
                                                           "slot-id",
                                                           "slot-manufacturer",
                                                           "token",
                                                           "type"};
constexpr std::array<std::string_view, 4> query_attributes{"module-name", "module-path", "pin-source", "pin-value"};

bool among(std::string_view name, const auto& names) { return std::ranges::find(names, name) != names.end(); }

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool alphanumeric(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// pk11-pchar and pk11-qchar of RFC 7512 section 2.3, without the percent sign.
bool plain(char c, bool query) noexcept {
  constexpr std::string_view both = "-._~:[]@!$'()*+,=";
  return alphanumeric(c) || both.find(c) != both.npos || (query ? c == '/' || c == '?' || c == '|' : c == '&');
}

failure bad(std::string why) { return {trouble::bad_uri, "the PKCS#11 URI " + std::move(why)}; }
failure refused(std::string why) { return {trouble::uri_refused, "the PKCS#11 URI " + std::move(why)}; }

/// The decoded value of one attribute, or why it has none. Messages name the attribute and never its value: it may be a PIN.
result<std::string> decoded(std::string_view name, std::string_view value, bool query) {
  const std::string quoted = '\'' + std::string{name} + '\'';
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    char c = value[i];
    if (c == '%') {
      const int high = i + 2 < value.size() ? hex_value(value[i + 1]) : -1;
      const int low = high >= 0 ? hex_value(value[i + 2]) : -1;
      if (low < 0) return bad("has a '%' in " + quoted + " that two hexadecimal digits do not follow");
      c = static_cast<char>(high * 16 + low);
      i += 2;
      if (c == '\0' && name != "id") return bad("has a zero octet in " + quoted);
    } else if (!plain(c, query)) {
      return bad("has a character in " + quoted + " that must be written as '%' and two hexadecimal digits");
    }
    out += c;
  }
  return out;
}

result<void> judge(std::string_view attribute, bool query, std::set<std::string_view>& seen) {
  const auto equals = attribute.find('=');
  const auto name = attribute.substr(0, equals);
  if (std::ranges::any_of(name, [](char c) { return !alphanumeric(c) && c != '-' && c != '_'; }) || name.empty())
    return bad("has an attribute without a proper name");
  if (name == "pin-value")
    return refused("holds a PIN (pin-value): put the PIN into a file of mode 0400 and name that instead");
  if (equals == attribute.npos) return bad("has '" + std::string{name} + "' without a value");
  if (!among(name, query ? std::span<const std::string_view>{query_attributes} : path_attributes)) {
    const bool misplaced = query ? among(name, path_attributes) : among(name, query_attributes);
    if (misplaced) return refused("has '" + std::string{name} + "' on the wrong side of the '?'");
    return refused("has an attribute '" + std::string{name} + "' that is not known here");
  }
  if (!seen.insert(name).second) return refused("has '" + std::string{name} + "' twice");
  auto value = decoded(name, attribute.substr(equals + 1), query);
  if (!value) return value.error();
  if (query && value->starts_with('|')) return refused("names a command in '" + std::string{name} + "': only files are read");
  return {};
}

result<void> judge_all(std::string_view part, char separator, bool query) {
  std::set<std::string_view> seen;
  while (!part.empty()) {
    const auto end = part.find(separator);
    if (auto good = judge(part.substr(0, end), query, seen); !good) return good;
    if (end == part.npos) break;
    part.remove_prefix(end + 1);
    if (part.empty()) return bad("ends in a separator");
  }
  return {};
}

void escape(std::string& out, bytes_view value, bool all) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const std::uint8_t octet : value) {
    const char c = static_cast<char>(octet);
    if (!all && (alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~')) {
      out += c;
    } else {
      out += '%';
      out += digits[octet >> 4];
      out += digits[octet & 15];
    }
  }
}

const CK_ATTRIBUTE* attribute_of(P11KitUri* parsed, CK_ATTRIBUTE_TYPE type) {
  const auto* found = p11_kit_uri_get_attribute(parsed, type);
  return found != nullptr && found->pValue != nullptr ? found : nullptr;
}

std::optional<std::string> text_or_nothing(const char* text) {
  if (text == nullptr) return std::nullopt;
  return text;
}

}  // namespace

bool uri::looks_like_one(std::string_view text) noexcept {
  return std::ranges::equal(text.substr(0, scheme.size()), scheme,
                            [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

result<uri> uri::parse(std::string_view text) {
  if (!looks_like_one(text)) return bad("does not begin with 'pkcs11:'");
  if (text.size() > longest) return bad("is too long");
  const auto rest = text.substr(scheme.size());
  const auto question = rest.find('?');
  const auto path = rest.substr(0, question);
  const auto query = question == rest.npos ? std::string_view{} : rest.substr(question + 1);
  if (auto good = judge_all(path, ';', false); !good) return good.error();
  if (auto good = judge_all(query, '&', true); !good) return good.error();

  handle parsed{p11_kit_uri_new(), p11_kit_uri_free};
  if (!parsed) return bad("cannot be read: out of memory");
  const std::string lower = std::string{scheme} + std::string{rest};  // p11-kit knows the scheme in lower case only
  const int answer = p11_kit_uri_parse(lower.c_str(), P11_KIT_URI_FOR_ANY, parsed.get());
  if (answer != P11_KIT_URI_OK) return bad(std::string{"cannot be read: "} + p11_kit_uri_message(answer));
  // An unknown type or slot number: p11-kit takes it, to match nothing.
  if (p11_kit_uri_any_unrecognized(parsed.get()) != 0) return bad("has an attribute of no known value");
  return uri{std::move(parsed)};
}

bool uri::fits(const CK_INFO& module, CK_SLOT_ID id, const CK_SLOT_INFO& slot, const CK_TOKEN_INFO& token) const {
  const CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(parsed_.get());
  return p11_kit_uri_any_unrecognized(parsed_.get()) == 0 && p11_kit_uri_match_module_info(parsed_.get(), &module) != 0 &&
         p11_kit_uri_match_slot_info(parsed_.get(), &slot) != 0 && p11_kit_uri_match_token_info(parsed_.get(), &token) != 0 &&
         (wanted == CK_UNAVAILABLE_INFORMATION || wanted == id);
}

std::optional<std::string> uri::object() const {
  const auto* found = attribute_of(parsed_.get(), CKA_LABEL);
  if (found == nullptr) return std::nullopt;
  return std::string{static_cast<const char*>(found->pValue), found->ulValueLen};
}

std::optional<bytes> uri::id() const {
  const auto* found = attribute_of(parsed_.get(), CKA_ID);
  if (found == nullptr) return std::nullopt;
  const auto* begin = static_cast<const std::uint8_t*>(found->pValue);
  return bytes(begin, begin + found->ulValueLen);
}

std::optional<CK_OBJECT_CLASS> uri::type() const {
  const auto* found = attribute_of(parsed_.get(), CKA_CLASS);
  if (found == nullptr || found->ulValueLen != sizeof(CK_OBJECT_CLASS)) return std::nullopt;
  return *static_cast<const CK_OBJECT_CLASS*>(found->pValue);
}

std::optional<std::string> uri::pin_source() const { return text_or_nothing(p11_kit_uri_get_pin_source(parsed_.get())); }
std::optional<std::string> uri::module_path() const { return text_or_nothing(p11_kit_uri_get_module_path(parsed_.get())); }

std::string format_uri(std::string_view token, std::string_view serial, bytes_view id, std::string_view object) {
  std::string out{scheme};
  out += "token=";
  escape(out, as_bytes(token), false);
  out += ";serial=";
  escape(out, as_bytes(serial), false);
  if (!id.empty()) {
    out += ";id=";
    escape(out, id, true);  // RFC 7512 section 2.3: the whole value of "id" should be percent-encoded
  }
  if (!object.empty()) {
    out += ";object=";
    escape(out, as_bytes(object), false);
  }
  return out + ";type=private";
}

}  // namespace sealring::inline v0::hsm
