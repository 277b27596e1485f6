#include "agent/keeper/keyring.hpp"

#include "agent/text.hpp"

namespace sealring::agent {

namespace {

failure from(const hsm::failure& f) {
  const bool may_be_retried = f == hsm::trouble::pin_refused || f == hsm::trouble::pin_unfinished;
  return {f.code, f.message() + (may_be_retried ? " ('sealring init --retry-pin')" : "")};
}

std::string to_hex(bytes_view data) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : data) (text += digits[byte >> 4]) += digits[byte & 15];
  return text;
}

bytes from_hex(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  bytes data;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    data.push_back(static_cast<std::uint8_t>(digit(text[i]) * 16 + digit(text[i + 1])));
  return data;
}

/// The configured file; else what systemd provides; else the person at the terminal.
hsm::result<hsm::pin> find_pin(const hsm_section& section, const hsm::token_info& token) {
  if (section.pin_file) return hsm::pin::from_file(*section.pin_file);
  if (hsm::pin::has_credential()) return hsm::pin::from_credential();
  return hsm::pin::from_terminal("PIN of token " + token.text() + ": ");
}

result<held_key> hold(const hsm::key& key) {
  auto bare = key.choose();
  if (!bare) return from(bare.error());
  auto signer = std::visit(
      []<class S>(S s) -> sealring::result<key_signer> {
        auto checked = verified<S>::make(std::move(s));
        if (!checked) return checked.error();
        return key_signer{*std::move(checked)};
      },
      *std::move(bare));
  if (!signer) return fail(signer.error(), "the public half of key " + quote(key.label()));
  return held_key{key.label(), to_hex(key.id()), key.kind(), key.uri(), *std::move(signer)};
}

}  // namespace

result<keyring> keyring::open(const hsm_section& section, const std::filesystem::path& state, bool retry_pin) {
  auto module = hsm::module::load(section.module, section.init_args);
  if (!module) return from(module.error());
  auto token = hsm::token::find(*std::move(module), section.token);
  if (!token) return from(token.error());
  if (retry_pin) {
    if (auto forgotten = token->forget_pin_tries(state); !forgotten) return from(forgotten.error());
  }
  if (token->info().pin_pad() && !section.pin_file && !hsm::pin::has_credential()) {
    if (auto in = token->login_at_pin_pad(); !in) return from(in.error());
  } else if (token->info().login_required()) {
    auto pin = find_pin(section, token->info());
    if (!pin) return from(pin.error());
    if (auto in = token->login(*std::move(pin), state); !in) return from(in.error());
  }
  return keyring{*std::move(token)};
}

std::string keyring::random_id() { return to_hex(hsm::token::random_id()); }

result<held_key> keyring::generate(key_type type, const std::string& label, const std::string& id) const {
  auto key = token_.generate(*hsm::key_type_from(to_string(type)), label, from_hex(id));
  if (!key) return from(key.error());
  return hold(*key);
}

result<held_key> keyring::find(const std::string& id) const {
  auto key = token_.find_id(from_hex(id));
  if (!key) return from(key.error());
  return hold(*key);
}

result<std::vector<described_key>> keyring::list() const {
  auto keys = token_.keys();
  if (!keys) return from(keys.error());
  std::vector<described_key> out;
  for (const hsm::key& key : *keys) out.push_back({key.label(), to_hex(key.id()), key.kind(), key.uri(), key.custody()});
  return out;
}

result<void> keyring::destroy(const std::string& id) const {
  if (auto gone = token_.destroy_id(from_hex(id)); !gone) return from(gone.error());
  return {};
}

}  // namespace sealring::agent
