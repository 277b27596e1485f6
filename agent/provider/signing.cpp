#include "agent/provider/signing.hpp"

#include "sealring/ecdsa_der.hpp"

namespace sealring::provider {
namespace {

/// With what else stands in its frame.
constexpr std::size_t longest_message = wire::max_frame - 1024;

}  // namespace

signing::signing(key& k) : how{k}, key_{&k} { k.share(); }

signing::signing(const signing& other) : how{other.how}, key_{other.key_}, message_{other.message_} {
  if (other.digest_) {
    digest_.reset(EVP_MD_CTX_new());
    if (!digest_ || EVP_MD_CTX_copy_ex(digest_.get(), other.digest_.get()) != 1) throw std::bad_alloc{};
  }
  key_->share();
}

signing::~signing() { key::release(key_); }

std::size_t signing::longest() const noexcept { return static_cast<std::size_t>(EVP_PKEY_get_size(key_->public_half())); }

void signing::begin_again() {
  how = scheme{*key_};
  message_.clear();
  digest_.reset();
}

bool signing::add(bytes_view part) {
  const bool fits = !digest_ && part.size() <= longest_message - message_.size();
  if (fits) {
    message_.insert(message_.end(), part.begin(), part.end());
    return true;
  }
  if (how.hash() == nullptr)
    return key_->owner().raise(reason::unsupported, "an agent signs no message so long with Ed25519") == 1;
  if (!digest_) {
    digest_.reset(EVP_MD_CTX_new());
    EVP_MD* const hash = EVP_MD_fetch(key_->owner().library(), how.hash(), nullptr);
    const bool begun = digest_ && EVP_DigestInit_ex(digest_.get(), hash, nullptr) == 1 &&
                       EVP_DigestUpdate(digest_.get(), message_.data(), message_.size()) == 1;
    EVP_MD_free(hash);
    if (!begun) return key_->owner().raise(reason::internal, "the message cannot be hashed") == 1;
    message_ = {};
  }
  return EVP_DigestUpdate(digest_.get(), part.data(), part.size()) == 1;
}

std::optional<bytes> signing::finish() {
  if (!digest_) return ask(false, message_);
  fixed_bytes<EVP_MAX_MD_SIZE> value{};
  unsigned size = 0;
  if (EVP_DigestFinal_ex(digest_.get(), value.data(), &size) != 1) return std::nullopt;
  return ask(true, bytes_view{value}.first(size));
}

std::optional<bytes> signing::sign(message m) const {
  if (m.size() <= longest_message) return ask(false, m);
  signing whole{*this};
  if (!whole.add(m)) return std::nullopt;
  return whole.finish();
}

std::optional<bytes> signing::sign_digest(bytes_view value) const {
  // ECDSA takes the first bits of a longer hash (FIPS 186-5 section 6.4.1).
  if (how.is_ecdsa() && value.size() > how.hash_size()) value = value.first(how.hash_size());
  if (how.hash() != nullptr && value.size() == how.hash_size()) return ask(true, value);
  const auto wanted = how.hash() == nullptr ? std::string{"Ed25519 signs messages, no digests"}
                                            : "this key signs digests of " + std::to_string(how.hash_size()) + " bytes (" +
                                                  how.hash() + "), not what has " + std::to_string(value.size());
  key_->owner().raise(reason::unsupported, wanted);
  return std::nullopt;
}

std::optional<bytes> signing::ask(bool digested, bytes_view payload) const {
  const remote& there = *key_->private_half();
  const wire::sign_request request{there.spki_sha256, how.algorithm(), bytes(payload.begin(), payload.end())};
  auto signature = digested ? there.agent->sign_digest(there.name, request) : there.agent->sign_message(there.name, request);
  if (!signature) {
    key_->owner().raise(signature.error(), there.name, *there.agent);
    return std::nullopt;
  }
  if (!how.is_ecdsa()) return *std::move(signature);
  auto der = ecdsa_to_der(*signature);
  if (der) return *std::move(der);
  key_->owner().raise(reason::agent_refused, "key " + there.name + ": the agent's signature is none of this kind");
  return std::nullopt;
}

}  // namespace sealring::provider
