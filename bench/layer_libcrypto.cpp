// A key of the same kind in this process's memory: what signing costs where no token is.
#include "bench/layers.hpp"
#include "hsm/with_algorithm.hpp"
#include "sealring/software_key.hpp"

namespace sealring::bench {
namespace {

class libcrypto_layer final : public layer {
public:
  explicit libcrypto_layer(any_signer<software_key> key) : key_{std::move(key)} {}

  std::string unfit(const load_shape& s) const override {
    return s.combined ? "--mechanism combined is PKCS#11's" : std::string{};
  }
  sealring::result<std::unique_ptr<worker>> make_worker(unsigned) override {
    return std::unique_ptr<worker>{
        std::make_unique<blocking_worker>([this](bytes_view message) { return sign_bytes(key_, message); })};
  }
  any_public_key public_key() const override { return public_key_of_signer(key_); }

private:
  any_signer<software_key> key_;
};

}  // namespace

result<std::unique_ptr<layer>> make_libcrypto(bed&, const kind& k) {
  return hsm::with_algorithm(k.algorithm, [&k]<class A>(A) -> result<std::unique_ptr<layer>> {
    auto made = software_key<A>::generate(k.bits);
    if (!made) return fail(made.error(), "making a " + std::string{k.word} + " key");
    return std::unique_ptr<layer>{std::make_unique<libcrypto_layer>(*std::move(made))};
  });
}

}  // namespace sealring::bench
