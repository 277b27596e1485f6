// Keys of every kind sign, in each way that OpenSSL's callers have, and the default provider takes what they sign.
#include "provider/library.hpp"
#include "wire/keeper_of_one.hpp"

namespace sealring::test {
namespace {

/// One for all: libcrypto numbers the providers that a process ever has with eight bits, to tell their errors apart.
const library& shared_library() {
  static const library one;
  return one;
}

template <class A>
struct fixture {
  const library& in = shared_library();
  keeper_of_one keeper{key_of<A>()};
  server served{fresh_address(), std::ref(keeper)};
  detail::evp_pkey key = in.read(pem_of(reference_to({served.address()}, keeper.spki())));
  detail::evp_pkey software = in.software(keeper.spki());
  manner how = manner_of<A>();

  fixture() {
    REQUIRE(in.loaded());
    if (!key) FAIL(take_errors());
    demand_clean_queue();
  }

  bool good(bytes_view text, const bytes& signature) {
    if (signature.empty()) FAIL(take_errors());
    demand_clean_queue();
    return verify_whole(in, software.get(), text, signature, how);
  }
};

bytes text_of(std::size_t size) { return bytes(size, 'x'); }

}  // namespace

TEST_CASE("a message is signed by a keeper that sees it", "[signatures]") {
  for_each_algorithm([]<class A>(A) {
    fixture<A> f;
    const bytes text = text_of(146);
    CHECK(f.good(text, sign_whole(f.in, f.key.get(), text, f.how)));
    CHECK(f.good(text, sign_pieces(f.in, f.key.get(), text, 50, f.how)));
    CHECK(f.good({}, sign_whole(f.in, f.key.get(), {}, f.how)));
    CHECK(f.good(text, sign_whole(f.in, f.key.get(), text, {nullptr, f.how.padding, f.how.salt})));  // its usual hash
    CHECK(f.keeper.messages == 4);
    CHECK(f.keeper.digests == 0);
  });
}

TEST_CASE("of a message that no frame can take, the digest is signed", "[signatures]") {
  for_each_algorithm([]<class A>(A) {
    fixture<A> f;
    for (const std::size_t size : {wire::max_frame - 1024, wire::max_frame - 1023, wire::max_frame, std::size_t{300'000}}) {
      INFO(size << " bytes");
      const bytes text = text_of(size);
      const bool fits = size <= wire::max_frame - 1024;
      f.keeper.messages = f.keeper.digests = 0;
      if (std::same_as<A, eddsa> && !fits) {
        CHECK(sign_whole(f.in, f.key.get(), text, f.how).empty());
        CHECK(contains(take_errors(), "unsupported: an agent signs no message so long with Ed25519"));
        CHECK(sign_pieces(f.in, f.key.get(), text, 4096, f.how).empty());
        CHECK(contains(take_errors(), "unsupported: an agent signs no message so long with Ed25519"));
        continue;
      }
      CHECK(f.good(text, sign_whole(f.in, f.key.get(), text, f.how)));
      CHECK(f.good(text, sign_pieces(f.in, f.key.get(), text, 4096, f.how)));
      CHECK(f.keeper.messages == (fits ? 2 : 0));
      CHECK(f.keeper.digests == (fits ? 0 : 2));
    }
  });
}

TEST_CASE("one context signs what it has so far, and goes on", "[signatures]") {
  fixture<es256> f;
  const bytes text = text_of(100);
  const detail::evp_md_ctx ctx{EVP_MD_CTX_new()};
  REQUIRE(EVP_DigestSignInit_ex(ctx.get(), nullptr, "SHA256", f.in.get(), nullptr, f.key.get(), nullptr) == 1);
  for (const std::size_t so_far : {40U, 60U, 100U}) {
    const std::size_t had = so_far == 40 ? 0 : so_far == 60 ? 40 : 60;
    REQUIRE(EVP_DigestSignUpdate(ctx.get(), text.data() + had, so_far - had) == 1);
    bytes signature(200);
    std::size_t size = signature.size();
    REQUIRE(EVP_DigestSignFinal(ctx.get(), signature.data(), &size) == 1);
    signature.resize(size);
    CHECK(f.good(bytes_view{text}.first(so_far), signature));
  }
}

TEST_CASE("one context begins again without a key, and without what it had", "[signatures]") {
  fixture<es256> f;
  const detail::evp_md_ctx ctx{EVP_MD_CTX_new()};
  for (const std::size_t size : {10U, 20U}) {
    EVP_PKEY* const named = size == 10 ? f.key.get() : nullptr;
    REQUIRE(EVP_DigestSignInit_ex(ctx.get(), nullptr, "SHA256", f.in.get(), nullptr, named, nullptr) == 1);
    const bytes text = text_of(size);
    REQUIRE(EVP_DigestSignUpdate(ctx.get(), text.data(), text.size()) == 1);
    bytes signature(200);
    std::size_t length = signature.size();
    REQUIRE(EVP_DigestSignFinal(ctx.get(), signature.data(), &length) == 1);
    signature.resize(length);
    CHECK(f.good(text, signature));
  }
}

TEST_CASE("a digest is signed as one", "[signatures]") {
  for_each_algorithm([]<class A>(A) {
    fixture<A> f;
    const bytes text = text_of(20);
    if constexpr (std::same_as<A, eddsa>) {
      CHECK(sign_digest(f.in, f.key.get(), text_of(64), f.how).empty());
      CHECK(contains(take_errors(), "unsupported: Ed25519 signs messages, no digests"));
    } else {
      const bytes digest = to_bytes(must(hash<typename A::hash_type>(text)).view());
      CHECK(f.good(text, sign_digest(f.in, f.key.get(), digest, f.how)));
      CHECK(f.keeper.messages == 0);
      CHECK(f.keeper.digests == 1);
      for (const std::size_t size : {std::size_t{0}, digest.size() - 1}) {
        CHECK(sign_digest(f.in, f.key.get(), text_of(size), f.how).empty());
        CHECK(contains(take_errors(), "unsupported: this key signs digests of"));
      }
      CHECK(f.keeper.digests == 1);
    }
  });
}

TEST_CASE("of a longer digest ECDSA takes the first bits", "[signatures]") {
  fixture<es256> f;
  const bytes text = text_of(20);
  bytes digest = to_bytes(must(hash<sha256>(text)).view());
  digest.resize(64, 0xaa);
  CHECK(f.good(text, sign_digest(f.in, f.key.get(), digest, {})));
}

TEST_CASE("another hash, padding or salt than the agent has is refused before it is asked", "[signatures]") {
  const bytes text = text_of(20);
  const auto refused = [&](auto& f, const manner& how) {
    CHECK(sign_whole(f.in, f.key.get(), text, how).empty());
    CHECK(f.keeper.messages + f.keeper.digests == 0);
    return take_errors();
  };
  fixture<es256> ec;
  CHECK(contains(refused(ec, {"SHA384"}), "unsupported: this key signs with SHA2-256, not with SHA384"));
  CHECK(contains(refused(ec, {"NO-SUCH-HASH"}), "NO-SUCH-HASH"));
  fixture<eddsa> ed;
  CHECK(contains(refused(ed, {"SHA256"}), "unsupported: Ed25519 signs messages, without a hash"));
  fixture<rs256> rsa;
  CHECK(contains(refused(rsa, {"SHA1"}), "unsupported: this key signs with SHA2-256"));
  CHECK(contains(refused(rsa, {"SHA256", RSA_NO_PADDING}), "unsupported: RSA keys sign with pkcs1 or pss padding"));
  for (const char* salt : {"20", "max", "0", "nonsense"})
    CHECK(contains(refused(rsa, {"SHA256", RSA_PKCS1_PSS_PADDING, salt}), "unsupported: an RSA-PSS salt must be as long"));
}

TEST_CASE("each of the salt's names for the hash's length is taken", "[signatures]") {
  fixture<ps256> f;
  const bytes text = text_of(20);
  for (const char* salt : {"digest", "auto", "32"}) {
    INFO(salt);
    CHECK(f.good(text, sign_whole(f.in, f.key.get(), text, {"SHA256", RSA_PKCS1_PSS_PADDING, salt})));
  }
}

TEST_CASE("a signature that is none of its kind is refused", "[signatures]") {
  const library in;
  const auto spki = must(to_spki(key_of<es256>().public_key()));
  const server served{fresh_address(),
                      [](int fd, const wire::request& r) { return answer(fd, r, wire::sign_reply{bytes(63, 1)}), true; }};
  const auto key = in.read(pem_of(reference_to({served.address()}, spki)));
  CHECK(sign_whole(in, key.get(), text_of(20)).empty());
  CHECK(contains(take_errors(), "agent refused: key example.com: the agent's signature is none of this kind"));
}

TEST_CASE("a reference's own key verifies, as the default provider does", "[signatures]") {
  for_each_algorithm([]<class A>(A) {
    fixture<A> f;
    const bytes text = text_of(30);
    bytes signature = sign_whole(f.in, f.key.get(), text, f.how);
    CHECK(verify_whole(f.in, f.key.get(), text, signature, f.how));
    demand_clean_queue();
    signature.back() ^= 1;
    CHECK(!verify_whole(f.in, f.key.get(), text, signature, f.how));
    ERR_clear_error();
  });
}

}  // namespace sealring::test
