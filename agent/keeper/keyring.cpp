#include "agent/keeper/keyring.hpp"

#include "agent/text.hpp"

namespace sealring::agent {

namespace {

failure from(const hsm::failure& f) {
  const bool may_be_retried = f == hsm::trouble::pin_refused || f == hsm::trouble::pin_unfinished;
  return {f.code, f.message() + (may_be_retried ? " ('sealring init --retry-pin')" : "")};
}

/// What was opened for us; else the configured file; else what systemd provides; else the person at the terminal.
hsm::result<hsm::pin> find_pin(const hsm_section& section, const hsm::token_info& token, int opened) {
  const std::string prompt = "PIN of token " + token.text() + ": ";
  if (opened >= 0) return hsm::pin::from_descriptor(opened, "the PIN that was handed over", prompt);
  if (section.pin_file) return hsm::pin::from_file(*section.pin_file);
  if (hsm::pin::has_credential()) return hsm::pin::from_credential();
  return hsm::pin::from_terminal(prompt);
}

hsm::copy_use copies(session_copy wanted) noexcept {
  switch (wanted) {
    case session_copy::always: return hsm::copy_use::always;
    case session_copy::never: return hsm::copy_use::never;
    case session_copy::automatic: break;
  }
  return hsm::copy_use::automatic;
}

/// A digest as the algorithm's own input; Ed25519 signs messages only.
template <algorithm A>
sealring::result<typename A::input> as_input(bytes_view digest_bytes) {
  if constexpr (std::same_as<typename A::input, message>) {
    return sealring::fail(sealring::errc::wrong_key_type);
  } else {
    constexpr auto size = A::hash_type::size;
    if (digest_bytes.size() != size) return sealring::fail(sealring::errc::bad_length);
    return digest<typename A::hash_type>::already_computed(digest_bytes.first<size>());
  }
}

/// How long a request waits for a session that others have, where a token has few: less than its caller waits for it.
constexpr std::chrono::milliseconds session_patience{1000};

/// One in so many TLS signatures is verified, and the first after each look-up of the key.
constexpr unsigned sample = 64;

/// CKA_APPLICATION of what we keep in tokens beside keys.
constexpr std::string_view application = "sealring";

described_key describe(const hsm::key& key) { return {key.label(), to_hex(key.id()), key.kind(), key.uri(), key.custody()}; }

}  // namespace

result<token_key> token_key::make(const hsm::key& key) {
  token_key made{key};
  auto spki = to_spki(key.public_key());
  if (!spki) return fail(spki.error(), "the public half of key " + quote(key.label()));
  made.spki_ = *std::move(spki);
  // What the usual choice is, first; then what else key and token can do together.
  auto usual = key.choose();
  if (!usual) return from(usual.error());
  made.ways_.push_back(*std::move(usual));
  for (const algorithm_id other : key.algorithms()) {
    if (other == id_of(made.ways_.front())) continue;
    auto way = key.choose(std::span{&other, 1});
    if (!way) return from(way.error());
    made.ways_.push_back(*std::move(way));
  }
  return made;
}

described_key token_key::describe() const { return agent::describe(key_); }

std::vector<algorithm_id> token_key::algorithms() const {
  std::vector<algorithm_id> out;
  out.reserve(ways_.size());
  for (const auto& way : ways_) out.push_back(id_of(way));
  return out;
}

template <class Input>
sealring::result<bytes> token_key::sign_with(algorithm_id id, Input input_for, checking check) const {
  const auto way = std::ranges::find(ways_, id, [](const auto& one) { return id_of(one); });
  if (way == ways_.end()) return sealring::fail(sealring::errc::wrong_key_type);
  return std::visit(
      [&]<class S>(const S& s) -> sealring::result<bytes> {
        const auto in = input_for.template operator()<algorithm_of<S>>();
        if (!in) return in.error();
        const auto signature = check == checking::always ? s.sign_verified(*in) : s.sign(*in);
        if (!signature) return signature.error();
        return bytes(signature->begin(), signature->end());
      },
      *way);
}

sealring::result<bytes> token_key::sign(algorithm_id id, message m, checking check) const {
  const bool sampled = check == checking::sampled && count_->fetch_add(1, std::memory_order_relaxed) % sample != 0;
  return sign_with(id, [m]<algorithm A>() { return A::prepare(m); }, sampled ? checking::sampled : checking::always);
}

sealring::result<bytes> token_key::sign_digest(algorithm_id id, bytes_view digest_bytes) const {
  return sign_with(id, [digest_bytes]<algorithm A>() { return as_input<A>(digest_bytes); }, checking::always);
}

void token_key::arm(algorithm_id id) const {
  for (const auto& way : ways_)
    if (id_of(way) == id) std::visit([](const auto& signer) { signer.arm(); }, way);
}

result<keyring> keyring::open(const hsm_section& section, const std::filesystem::path& state, bool retry_pin, int pin) {
  auto module = hsm::module::load(section.module, section.init_args);
  if (!module) return from(module.error());
  auto token =
      hsm::token::find(*std::move(module), section.token, {.patience = session_patience, .copies = copies(section.copy)});
  if (!token) return from(token.error());
  if (retry_pin) {
    if (auto forgotten = token->forget_pin_tries(state); !forgotten) return from(forgotten.error());
  }
  if (token->info().pin_pad() && pin < 0 && !section.pin_file && !hsm::pin::has_credential()) {
    if (auto in = token->login_at_pin_pad(); !in) return from(in.error());
  } else if (token->info().login_required()) {
    auto found = find_pin(section, token->info(), pin);
    if (!found) return from(found.error());
    if (auto in = token->login(*std::move(found), state); !in) return from(in.error());
  }
  return keyring{*std::move(token)};
}

result<token_key> keyring::generate(key_type type, const std::string& label, const std::string& id) const {
  auto key = token_.generate(*hsm::key_type_from(to_string(type)), label, from_hex(id));
  if (!key) return from(key.error());
  return token_key::make(*key);
}

result<token_key> keyring::find(const std::string& id) const {
  auto key = token_.find_id(from_hex(id));
  if (!key) return from(key.error());
  return token_key::make(*key);
}

result<std::vector<result<token_key>>> keyring::find(std::span<const std::string> ids) const {
  std::vector<bytes> wanted;
  for (const std::string& id : ids) wanted.push_back(from_hex(id));
  auto keys = token_.find_ids(wanted);
  if (!keys) return from(keys.error());
  std::vector<result<token_key>> out;
  out.reserve(keys->size());
  for (const auto& key : *keys) out.push_back(key ? token_key::make(*key) : from(key.error()));
  return out;
}

result<std::vector<described_key>> keyring::list() const {
  auto keys = token_.keys();
  if (!keys) return from(keys.error());
  std::vector<described_key> out;
  for (const hsm::key& key : *keys) out.push_back(describe(key));
  return out;
}

result<std::vector<std::string>> keyring::notes(const std::string& name) const {
  auto values = token_.read_data({std::string{application}, name});
  if (!values) return from(values.error());
  std::vector<std::string> out;
  out.reserve(values->size());
  for (const bytes& value : *values) out.emplace_back(as_text(value));
  return out;
}

result<void> keyring::put_note(const std::string& name, std::string_view text) const {
  if (auto put = token_.write_data({std::string{application}, name}, as_bytes(text)); !put) return from(put.error());
  return {};
}

result<void> keyring::destroy(const std::string& id) const {
  if (auto gone = token_.destroy_id(from_hex(id)); !gone) return from(gone.error());
  return {};
}

}  // namespace sealring::agent
