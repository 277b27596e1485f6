// Data objects (PKCS#11 v2.40 section 4.5): a few octets that a token keeps for us beside the keys.
//
// CKA_MODIFIABLE is left to its default, which the standard says is true: fewer tokens refuse a template that says less.
#include "hsm/attributes.hpp"
#include "hsm/token.hpp"

#include <algorithm>

namespace sealring::inline v0::hsm {

namespace {

/// Two are there where a write was interrupted; a third means that the token does not let go of the old ones.
constexpr std::size_t most_copies = 2;

attributes data_template(const data_name& name) {
  attributes wanted;
  wanted.set(CKA_CLASS, CK_ULONG{CKO_DATA}).set(CKA_TOKEN, true).set(CKA_PRIVATE, true);
  return wanted.set(CKA_APPLICATION, name.application).set(CKA_LABEL, name.label);
}

/// Not that the token will not do this: that it, or the way to it, is lost for now.
bool lost(CK_RV rv) {
  constexpr errc codes[] = {errc::session_handle_invalid, errc::session_closed,          errc::user_not_logged_in,
                            errc::object_handle_invalid,  errc::device_removed,          errc::device_error,
                            errc::token_not_present,      errc::cryptoki_not_initialized};
  return std::ranges::find(codes, errc{rv}) != std::end(codes);
}

bool holds(const object_reader& reader, CK_OBJECT_HANDLE object, bytes_view value) {
  const auto kept = reader.read(object, CKA_VALUE);
  return kept && *kept && std::ranges::equal(**kept, value);
}

/// In the first of them, if the token changes objects; else in a new one. The object that has it now.
sealring::result<CK_OBJECT_HANDLE> put(const module& m, session& s, const std::vector<CK_OBJECT_HANDLE>& old,
                                       const data_name& name, bytes_view value) {
  const object_reader reader{m, s};
  if (!old.empty()) {
    const CK_RV rv = m.set_data(s.handle(), old.front(), value);
    if (rv == CKR_OK && holds(reader, old.front(), value)) return old.front();
    s.spoil();
    if (rv != CKR_OK && lost(rv)) return fail(errc{rv});
  }
  if (old.size() > most_copies) return fail(trouble::unsupported);
  CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
  const CK_RV rv = m.create_data(s.handle(), name.application, name.label, value, made);
  if (rv != CKR_OK) {
    s.spoil();
    return fail(errc{rv});
  }
  if (holds(reader, made, value)) return made;
  static_cast<void>(reader.destroy(made));
  return fail(trouble::malformed_answer);
}

}  // namespace

result<std::vector<bytes>> token::read_data(const data_name& name) const {
  const auto found = link_->run([&](session& s) -> sealring::result<std::vector<bytes>> {
    if (auto in = link_->check_login(s); !in) return in.error();
    const object_reader reader{link_->module(), s};
    const auto objects = reader.find(data_template(name));
    if (!objects) return objects.error();
    std::vector<bytes> values;
    values.reserve(objects->size());
    for (const auto object : *objects) {
      auto value = reader.read(object, CKA_VALUE);
      if (!value) return value.error();
      values.push_back(std::move(*value).value_or(bytes{}));
    }
    return values;
  });
  if (!found) return failed(found.error(), "read the data object '" + name.label + '\'');
  return *found;
}

result<void> token::write_data(const data_name& name, bytes_view value) const {
  const auto written = link_->run([&](session& s) -> sealring::result<void> {
    if (auto in = link_->check_login(s); !in) return in.error();
    const object_reader reader{link_->module(), s};
    const auto old = reader.find(data_template(name));
    if (!old) return old.error();
    const auto now = put(link_->module(), s, *old, name, value);
    if (!now) return now.error();
    // Only now: at no moment is there none.
    for (const auto object : *old)
      if (object != *now)
        if (auto gone = reader.destroy(object); !gone) return gone;
    return {};
  });
  if (!written) return failed(written.error(), "keep the data object '" + name.label + '\'');
  return {};
}

}  // namespace sealring::inline v0::hsm
