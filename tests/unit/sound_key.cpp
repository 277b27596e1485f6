#include "sealring/sound_key.hpp"
#include "unit/support.hpp"

namespace sealring::test {

TEST_CASE("sound_key: keys of libcrypto's making are sound", "[sound_key]") {
  for_each_algorithm([](auto a) { CHECK(is_sound(any_public_key{key_of<decltype(a)>().public_key()})); });
}

TEST_CASE("sound_key: RSA numbers under which everybody can sign, or nobody should", "[sound_key]") {
  const rsa_public_key good = key_of<rs256>().public_key();
  const auto with = [&good](auto change) {
    rsa_public_key key = good;
    change(key);
    return is_sound(key);
  };
  CHECK_FALSE(with([](auto& k) { k.e = {1}; }));
  CHECK_FALSE(with([](auto& k) { k.e = {}; }));
  CHECK_FALSE(with([](auto& k) { k.e = {0, 3}; }));
  CHECK_FALSE(with([](auto& k) { k.e = {4}; }));
  CHECK_FALSE(with([](auto& k) { k.e = bytes(9, 1); }));
  CHECK_FALSE(with([](auto& k) { k.n = {}; }));
  CHECK_FALSE(with([](auto& k) { k.n.back() &= 0xfe; }));
  CHECK_FALSE(with([](auto& k) { k.n.insert(k.n.begin(), 0); }));
  CHECK_FALSE(with([](auto& k) { k.n.resize(255); }));
  CHECK_FALSE(with([](auto& k) { k.n = bytes(2049, 0xff); }));
}

TEST_CASE("sound_key: Ed25519 points of small order, in all their spellings", "[sound_key]") {
  const std::string f(60, 'f'), zeros(60, '0');
  for (std::string y : {"00" + zeros + "00", "01" + zeros + "00", "ec" + f + "7f", "ed" + f + "7f", "ee" + f + "7f",
                        std::string{"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"},
                        std::string{"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"}}) {
    ed25519_public_key key;
    std::ranges::copy(unhex(y), key.value.begin());
    CHECK_FALSE(is_sound(key));
    key.value.back() |= 0x80;
    CHECK_FALSE(is_sound(key));
    key.value[7] ^= 1;
    CHECK(is_sound(key));
  }
}

}  // namespace sealring::test
