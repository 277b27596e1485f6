// A token: chosen before any PIN is shown to it, logged in to once, and the place where keys are made and found.
//
//   auto module = hsm::module::load("/usr/lib/softhsm/libsofthsm2.so").value();
//   auto token = hsm::token::find(module, "sealring").value();
//   token.login(hsm::pin::from_file("pin").value(), state_folder).value();
//   auto key = token.generate(hsm::key_type::p256, "example.com").value();
//   auto signature = sign(key.bind<es256>().value(), message);
#pragma once

#include "hsm/key.hpp"

namespace sealring::inline v0::hsm {

class object_index;
class object_reader;

/// What a data object is found again by: CKA_APPLICATION and CKA_LABEL.
struct data_name {
  std::string application;
  std::string label;
};

/// A cheap handle; copies share sessions and login. Safe from many threads.
class token {
public:
  /// Exactly one token, or a failure that lists those there are. `selector` is a label, `serial=` and a serial number, or a
  /// PKCS#11 URI. Nothing is tried on any token.
  [[nodiscard]] static result<token> find(std::shared_ptr<module> in, std::string_view selector, token_options options = {});

  /// What the token said of itself when it was found.
  const token_info& info() const noexcept { return link_->info(); }

  /// Logs the process in: once, and never with a PIN that this token has refused before. `state` is the folder that remembers.
  /// Succeeds without a try if the process is logged in or the token wants no login.
  result<void> login(pin p, const std::filesystem::path& state) const { return link_->login(std::move(p), state); }

  /// For a token with a PIN pad of its own (info().pin_pad()).
  result<void> login_at_pin_pad() const { return link_->login_at_pin_pad(); }

  /// A PIN that was refused, or whose tries never ended, may be tried again: a person has seen to the token.
  result<void> forget_pin_tries(const std::filesystem::path& state) const;

  /// Makes a key pair that never leaves the token, reads its custody back, and lets it sign once. On any failure the objects
  /// that were made are destroyed. The label must be free. `id` is CKA_ID, for callers who journal it first.
  [[nodiscard]] result<key> generate(key_type type, const std::string& label, bytes id = random_id()) const;

  /// 20 random bytes, as long as the hash of a public key that others use here.
  [[nodiscard]] static bytes random_id();

  /// Exactly one key, or a failure: never the first of several.
  [[nodiscard]] result<key> find(const std::string& label) const;
  /// The same by CKA_ID.
  [[nodiscard]] result<key> find_id(const bytes& id) const;
  /// The same of many, in the order of `ids`: where it is worth it, in one pass over the token.
  [[nodiscard]] result<std::vector<result<key>>> find_ids(std::span<const bytes> ids) const;
  /// The same by what the URI says of the key.
  [[nodiscard]] result<key> find(const uri& which) const;

  /// Every private key whose public half can be read.
  [[nodiscard]] result<std::vector<key>> keys() const;

  /// Destroys both halves of the key.
  result<void> destroy(const key& k) const;

  /// Destroys whatever carries this CKA_ID: what an interrupted generate() may have left. How many objects went.
  result<std::size_t> destroy_id(const bytes& id) const;

  /// The values of the token's private data objects of that name: none, one, or more where a write was interrupted.
  [[nodiscard]] result<std::vector<bytes>> read_data(const data_name&) const;

  /// Keeps the value in the one data object of that name, changed where the token allows it, else made anew before the old one
  /// is destroyed. Read back before it counts. Many tokens keep none: the failure's code is the token's.
  [[nodiscard]] result<void> write_data(const data_name&, bytes_view value) const;

private:
  explicit token(std::shared_ptr<token_link> link) : link_{std::move(link)} {}

  sealring::result<std::vector<key>> find_all(bytes_view id, std::string_view label) const;
  result<key> find_one(bytes_view id, std::string_view label, const std::string& wanted) const;
  sealring::result<key> read(const object_reader& reader, CK_OBJECT_HANDLE handle, std::uint64_t epoch,
                             const object_index* public_keys = nullptr) const;
  sealring::result<std::vector<result<key>>> find_in_one_pass(session& s, std::span<const CK_OBJECT_HANDLE> private_keys,
                                                              std::span<const bytes> ids, std::uint64_t epoch) const;
  failure ambiguous(const key& one, const key& other, const std::string& wanted) const;
  failure failed(std::error_code why, std::string_view doing) const;

  std::shared_ptr<token_link> link_;
};

}  // namespace sealring::inline v0::hsm
