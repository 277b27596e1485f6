// token::find_ids: many keys at once. Many tokens read all their objects for each search, so that ten thousand keys looked up
// one by one would take hours.
#include "hsm/public_half.hpp"
#include "hsm/token.hpp"

namespace sealring::inline v0::hsm {

namespace {

/// So few are looked up one by one, and so are few among so many more.
constexpr std::size_t few = 4;
constexpr std::size_t crowd = 20;  // keys in the token for each that is wanted

}  // namespace

result<std::vector<result<key>>> token::find_ids(std::span<const bytes> ids) const {
  using answers = std::vector<result<key>>;
  if (ids.size() > few) {
    auto found = link_->run([&](session& s) -> sealring::result<std::optional<answers>> {
      const auto epoch = link_->epoch();
      if (auto in = link_->check_login(s); !in) return in.error();  // private objects are not shown to strangers
      const object_reader reader{link_->module(), s};
      const auto private_keys = reader.find(key_template(CKO_PRIVATE_KEY, {}, {}));
      if (!private_keys) return private_keys.error();
      if (private_keys->size() > crowd * ids.size()) return std::optional<answers>{};
      auto all = find_in_one_pass(s, *private_keys, ids, epoch);
      if (!all) return all.error();
      return std::optional{*std::move(all)};
    });
    if (!found) return failed(found.error(), "look up keys");
    if (*found) return **std::move(found);
  }
  answers all;
  for (const bytes& id : ids) all.push_back(find_id(id));
  return all;
}

// An object that cannot be read costs its key alone, unless it is the token that has gone.
sealring::result<std::vector<result<key>>> token::find_in_one_pass(session& s, std::span<const CK_OBJECT_HANDLE> private_keys,
                                                                   std::span<const bytes> ids, std::uint64_t epoch) const {
  const object_reader reader{link_->module(), s};
  const auto privates = object_index::make(reader, private_keys);
  const auto publics = object_index::make(reader, CKO_PUBLIC_KEY);
  if (!publics) return publics.error();
  if (privates.unreadable() + publics->unreadable() > 0)
    if (auto in = link_->check_login(s); !in) return in.error();
  const std::string wanted = "key of that id";
  std::vector<result<key>> all;
  all.reserve(ids.size());
  for (const bytes& id : ids) {
    std::vector<key> found;
    std::error_code unreadable;
    for (const auto& its : privates.find(id)) {
      auto one = read(reader, its.object, epoch, &*publics);
      if (one) {
        found.push_back(*std::move(one));
        continue;
      }
      unreadable = one.error();
      if (unreadable.category() == pkcs11_category())
        if (auto in = link_->check_login(s); !in) return in.error();
    }
    if (unreadable) all.emplace_back(failed(unreadable, "find the " + wanted));
    else if (found.empty())
      all.emplace_back(failure{trouble::key_not_found, "the token " + info().text() + " has no " + wanted});
    else if (found.size() > 1) all.emplace_back(ambiguous(found.front(), found.back(), wanted));
    else all.emplace_back(std::move(found.front()));
  }
  return all;
}

}  // namespace sealring::inline v0::hsm
