#include "hsm/token.hpp"

#include "hsm/pin_mark.hpp"
#include "hsm/public_half.hpp"

#include <algorithm>

namespace sealring::inline v0::hsm {

namespace {

/// Slots and tokens as the module gives them, for uri::fits, and read.
struct candidate {
  CK_SLOT_INFO slot{};
  CK_TOKEN_INFO token{};
  token_info info;
};

result<std::vector<candidate>> candidates(const module& m) {
  std::vector<CK_SLOT_ID> slots;
  CK_ULONG count = 0;
  CK_RV rv = CKR_OK;
  do {  // a token may be plugged in between the two questions
    rv = m.call<&CK_FUNCTION_LIST::C_GetSlotList>(CK_BBOOL{CK_TRUE}, nullptr, &count);
    if (rv != CKR_OK) break;
    slots.resize(count);
    rv = m.call<&CK_FUNCTION_LIST::C_GetSlotList>(CK_BBOOL{CK_TRUE}, slots.data(), &count);
  } while (rv == CKR_BUFFER_TOO_SMALL);
  if (rv != CKR_OK) return failure{errc{rv}, "cannot list the tokens in " + m.path().string()};
  slots.resize(std::min<std::size_t>(slots.size(), count));

  std::vector<candidate> found;
  for (const auto id : slots) {
    candidate c;
    // A slot that cannot tell is one that we cannot use.
    if (m.call<&CK_FUNCTION_LIST::C_GetSlotInfo>(id, &c.slot) != CKR_OK) continue;
    if (m.call<&CK_FUNCTION_LIST::C_GetTokenInfo>(id, &c.token) != CKR_OK) continue;
    c.info = {.slot = id,
              .label = trimmed(c.token.label),
              .manufacturer = trimmed(c.token.manufacturerID),
              .model = trimmed(c.token.model),
              .serial = trimmed(c.token.serialNumber),
              .flags = c.token.flags};
    if (c.info.initialized()) found.push_back(std::move(c));
  }
  return found;
}

std::string listed(const std::vector<candidate>& all) {
  std::string out;
  for (const auto& c : all) out += (out.empty() ? "" : ", ") + c.info.text();
  return out;
}

constexpr std::string_view serial_prefix = "serial=";
constexpr std::size_t most_listed = 10;

}  // namespace

result<token> token::find(std::shared_ptr<hsm::module> in, std::string_view selector, token_options options) {
  auto all = candidates(*in);
  if (!all) return all.error();

  std::optional<uri> named;
  if (uri::looks_like_one(selector)) {
    auto parsed = uri::parse(selector);
    if (!parsed) return parsed.error();
    named = *std::move(parsed);
  }
  const auto fits = [&](const candidate& c) {
    if (named) return named->fits(in->info(), c.info.slot, c.slot, c.token);
    if (selector.starts_with(serial_prefix)) return c.info.serial == selector.substr(serial_prefix.size());
    return c.info.label == selector;
  };
  std::vector<candidate> fitting;
  std::ranges::copy_if(*all, std::back_inserter(fitting), fits);

  const std::string wanted = '\'' + std::string{selector} + '\'';
  const std::string where = in->path().string();
  if (fitting.size() == 1) return token{std::make_shared<token_link>(std::move(in), std::move(fitting.front().info), options)};
  if (fitting.size() > 1)
    return failure{trouble::token_ambiguous, "more than one token fits " + wanted + " in " + where + ": " + listed(fitting) +
                                                 "; name one of them by serial=, as in serial=" + fitting.front().info.serial};
  if (all->empty())
    return failure{trouble::token_not_found,
                   "no token " + wanted + ": " + where +
                       " has no initialised token at all; does it find its own configuration (for SoftHSM: "
                       "SOFTHSM2_CONF), and may this user read the tokens?"};
  return failure{trouble::token_not_found, "no token " + wanted + " in " + where + ", which has " + listed(*all) +
                                               "; name one of these by its label, or by serial= and its serial number"};
}

result<void> token::forget_pin_tries(const std::filesystem::path& state) const {
  return pin_mark::forget(state, info().identity());
}

failure token::failed(std::error_code why, std::string_view doing) const {
  failure out{why, "cannot " + std::string{doing} + " in the token " + info().text()};
  // message() adds what a module answered; what we found ourselves is part of the sentence.
  if (why.category() == hsm_category()) out.what += ": " + why.message();
  return out;
}

// What the token does not say of a key's custody counts against the key. But it need not say that a key may sign (it will
// refuse if not), and there are tokens that return garbage for CKA_ALWAYS_AUTHENTICATE.
sealring::result<key> token::read(const object_reader& reader, CK_OBJECT_HANDLE handle, std::uint64_t epoch,
                                  const object_index* public_keys) const {
  struct fact {
    CK_ATTRIBUTE_TYPE type;
    bool custody::* member;
    bool unsaid;
  };
  static constexpr fact facts[]{{CKA_SENSITIVE, &custody::sensitive, false},
                                {CKA_ALWAYS_SENSITIVE, &custody::always_sensitive, false},
                                {CKA_EXTRACTABLE, &custody::extractable, true},
                                {CKA_NEVER_EXTRACTABLE, &custody::never_extractable, false},
                                {CKA_LOCAL, &custody::local, false},
                                {CKA_SIGN, &custody::may_sign, true},
                                {CKA_ALWAYS_AUTHENTICATE, &custody::always_authenticate, false}};
  std::vector<CK_ATTRIBUTE_TYPE> types{CKA_ID, CKA_LABEL};
  for (const fact& one : facts) types.push_back(one.type);
  const auto said = reader.read(handle, types);
  if (!said) return said.error();
  const auto id = (*said)[0].value_or(bytes{});
  const auto name = std::string{as_text((*said)[1].value_or(bytes{}))};
  custody kept;
  for (std::size_t i = 0; i != std::size(facts); ++i) {
    const flag is = as_flag((*said)[2 + i]);
    kept.*facts[i].member = is == flag::unsaid ? facts[i].unsaid : is == flag::yes;
  }
  auto public_key = read_public_half(reader, handle, id, name, public_keys);
  if (!public_key) return public_key.error();
  return key{std::make_shared<key_handle>(link_, handle, epoch, id, name, *std::move(public_key)), kept};
}

sealring::result<std::vector<key>> token::find_all(bytes_view id, std::string_view label) const {
  return link_->run([&](session& s) -> sealring::result<std::vector<key>> {
    const auto epoch = link_->epoch();
    const object_reader reader{link_->module(), s};
    const auto handles = reader.find(key_template(CKO_PRIVATE_KEY, id, label));
    if (!handles) return handles.error();
    if (handles->empty())  // private objects are not shown to strangers
      if (auto in = link_->check_login(s); !in) return in.error();
    const auto public_keys = handles->size() > 1 ? object_index::make(reader, CKO_PUBLIC_KEY) : object_index{};
    if (!public_keys) return public_keys.error();
    std::vector<key> found;
    for (const auto handle : *handles) {
      auto one = read(reader, handle, epoch, handles->size() > 1 ? &*public_keys : nullptr);
      if (one) found.push_back(*std::move(one));
      // A key of some other kind is passed over in a list, but not when it was asked for.
      else if (one.error().category() == pkcs11_category() || !id.empty() || !label.empty()) return one.error();
    }
    return found;
  });
}

result<key> token::find_one(bytes_view id, std::string_view label, const std::string& wanted) const {
  // An empty name would fit every key.
  if (id.empty() && label.empty())
    return failure{trouble::key_not_found, "a key is found by its label or id, and both are empty"};
  auto found = find_all(id, label);
  if (!found) return failed(found.error(), "find " + wanted);
  if (found->size() == 1) return std::move(found->front());
  if (found->size() > 1) return ambiguous(found->front(), found->back(), wanted);
  std::string names;
  if (auto others = keys()) {
    for (std::size_t i = 0; i != std::min(others->size(), most_listed); ++i)
      names += (names.empty() ? "; it has '" : ", '") + (*others)[i].label() + '\'';
    if (others->size() > most_listed) names += " and " + std::to_string(others->size() - most_listed) + " more";
  }
  return failure{trouble::key_not_found,
                 "the token " + info().text() + " has no " + wanted + (names.empty() ? "; it has no key at all" : names)};
}

failure token::ambiguous(const key& one, const key& other, const std::string& wanted) const {
  return {trouble::key_ambiguous, "the token " + info().text() + " has more than one " + wanted +
                                      ", and none is chosen for you: destroy or rename all but one. Two URIs: " + one.uri() +
                                      ", " + other.uri()};
}

result<key> token::find(const std::string& label) const { return find_one({}, label, "key labelled '" + label + '\''); }

result<key> token::find_id(const bytes& id) const { return find_one(id, {}, "key of that id"); }

result<key> token::find(const uri& which) const {
  const auto id = which.id();
  const auto object = which.object();
  const auto type = which.type();
  if ((!id && !object) || (type && *type != CKO_PRIVATE_KEY))
    return failure{trouble::bad_uri, "the PKCS#11 URI names no private key: it wants id= or object="};
  return find_one(id.value_or(bytes{}), object.value_or(std::string{}), "key that the URI names");
}

result<std::vector<key>> token::keys() const {
  auto found = find_all({}, {});
  if (!found) return failed(found.error(), "list the keys");
  return *std::move(found);
}

result<void> token::destroy(const key& k) const {
  if (k.id().empty() && k.label().empty())
    return failure{trouble::key_ambiguous,
                   "a key without CKA_ID and CKA_LABEL cannot be told from others: destroy it with the token's own tool"};
  link_->disarm();  // there are tokens that destroy no key with a signature under way
  const auto gone = link_->run([&](session& s) -> sealring::result<void> {
    if (auto in = link_->check_login(s); !in) return in.error();
    const object_reader reader{link_->module(), s};
    const auto priv = reader.find(key_template(CKO_PRIVATE_KEY, k.id(), k.label()));
    if (!priv) return priv.error();
    const auto pub = reader.find(key_template(CKO_PUBLIC_KEY, k.id(), k.label()));
    if (!pub) return pub.error();
    if (priv->empty() && pub->empty()) return fail(trouble::key_not_found);
    if (priv->size() > 1) return fail(trouble::key_ambiguous);
    // The private half first: if we are stopped in between, what remains is of no use to anybody.
    for (const auto* half : {&*priv, &*pub})
      for (const auto object : *half)
        if (auto done = reader.destroy(object); !done) return done;
    return {};
  });
  link_->shed_keys();  // a copy must not outlive the key: all go, and those of other keys are made anew
  if (!gone) return failed(gone.error(), "destroy the key '" + k.label() + '\'');
  return {};
}

result<std::size_t> token::destroy_id(const bytes& id) const {
  if (id.empty()) return failure{trouble::key_not_found, "an empty CKA_ID names no key"};
  link_->disarm();
  const auto gone = link_->run([&](session& s) -> sealring::result<std::size_t> {
    // Logged out, a token shows no private objects: nothing found would mean nothing.
    if (auto in = link_->check_login(s); !in) return in.error();
    const object_reader reader{link_->module(), s};
    std::size_t count = 0;
    for (const CK_OBJECT_CLASS half : {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY}) {
      const auto found = reader.find(key_template(half, id, {}));
      if (!found) return found.error();
      for (const auto object : *found) {
        if (auto done = reader.destroy(object); !done) return done.error();
        ++count;
      }
    }
    return count;
  });
  link_->shed_keys();
  if (!gone) return failed(gone.error(), "destroy what an interrupted key generation left");
  return *gone;
}

}  // namespace sealring::inline v0::hsm
