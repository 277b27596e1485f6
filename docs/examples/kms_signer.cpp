// A signer over a cloud KMS with a REST interface, here a fictional one that signs digests:
//
//   GET  /keys/NAME           -> {"publicKey": "-----BEGIN PUBLIC KEY-----..."}
//   POST /keys/NAME:sign      {"sha256": base64url} -> {"signature": base64url of DER}
//
// usage: kms_signer KMS-URL CA-FILE KEY-NAME <MESSAGE >SIGNATURE (in DER, as openssl dgst -verify wants it)

#include "sealring/acme/json.hpp"
#include "sealring/base64url.hpp"
#include "sealring/ecdsa_der.hpp"
#include "sealring/http/curl_asio.hpp"
#include "sealring/pem.hpp"
#include "sealring/public_key.hpp"
#include "sealring/signer.hpp"

#include <asio/bind_cancellation_slot.hpp>
#include <asio/bind_executor.hpp>
#include <asio/io_context.hpp>
#include <asio/use_future.hpp>

#include <iostream>

using namespace sealring;

/// The public key is read when the signer is made; each signature is one request. Any completion token will do.
class kms_signer {
public:
  using algorithm_type = es256;

  /// Blocks. For the start of a program.
  static result<kms_signer> open(asio::io_context& loop, http::curl_asio http, std::string key_url) {
    auto read = http.async_perform(request_to(key_url, http::method::get), asio::use_future);
    loop.run();
    loop.restart();
    const auto answer = read.get();
    if (!answer) return answer.error().code;
    const auto body = acme::parse_object(answer->body);
    if (!body) return body.error();
    const auto spki = from_pem("PUBLIC KEY", acme::text(*body, "publicKey"));
    if (!spki) return spki.error();
    const auto key = from_spki(spki->front());
    if (!key) return key.error();
    const auto* point = std::get_if<ec_public_key<p256>>(&*key);
    if (point == nullptr) return fail(errc::wrong_key_type);
    return kms_signer{std::move(http), std::move(key_url), *point};
  }

  const ec_public_key<p256>& public_key() const noexcept { return public_key_; }

  template <class Token>
  auto async_sign(const digest<sha256>& in, Token&& token) const {
    auto asked = request_to(key_url_ + ":sign", http::method::post);
    asked.content_type = "application/json";
    asked.body = R"({"sha256":")" + base64url_encode(in.view()) + "\"}";
    return asio::async_initiate<Token, void(std::error_code, fixed_bytes<64>)>(
        [http = http_](auto handler, http::request r) {
          const auto home = asio::get_associated_executor(handler, http.get_executor());
          const auto slot = asio::get_associated_cancellation_slot(handler);
          auto then = [handler = std::move(handler)](const acme::result<http::response>& answer) mutable {
            const auto signature = read_signature(answer);
            std::move(handler)(signature ? std::error_code{} : signature.error(), signature ? *signature : fixed_bytes<64>{});
          };
          http.async_perform(std::move(r), asio::bind_cancellation_slot(slot, asio::bind_executor(home, std::move(then))));
        },
        token, std::move(asked));
  }

private:
  static http::request request_to(std::string url, http::method verb) {
    return {.verb = verb,
            .url = std::move(url),
            .user_agent = "kms_signer",
            .max_body = 4096,
            .deadline = http::clock::now() + std::chrono::seconds{5}};
  }

  static result<fixed_bytes<64>> read_signature(const acme::result<http::response>& answer) {
    if (!answer) return answer.error().code;
    const auto body = acme::parse_object(answer->body);
    if (!body) return body.error();
    const auto der = base64url_decode(acme::text(*body, "signature"));
    if (!der) return der.error();
    return ecdsa_from_der<64>(*der);
  }

  kms_signer(http::curl_asio http, std::string key_url, const ec_public_key<p256>& key)
      : http_{std::move(http)}, key_url_{std::move(key_url)}, public_key_{key} {}
  http::curl_asio http_;
  std::string key_url_;
  ec_public_key<p256> public_key_;
};
static_assert(async_signer<kms_signer>);

int main(int argc, char** argv) try {
  if (argc != 4) return std::cerr << "usage: kms_signer KMS-URL CA-FILE KEY-NAME <MESSAGE >SIGNATURE\n", 2;
  asio::io_context loop;
  const http::curl_asio http{loop.get_executor(), argv[2]};
  const auto key = kms_signer::open(loop, http, std::string{argv[1]} + "/keys/" + argv[3]).value();
  const std::string text{std::istreambuf_iterator<char>{std::cin}, {}};
  auto signature = key.async_sign(es256::prepare(as_bytes(text)).value(), asio::use_future);
  loop.run();
  std::cout << as_text(ecdsa_to_der(signature.get()).value());
} catch (const std::exception& e) {
  std::cerr << "kms_signer: " << e.what() << '\n';
  return 1;
}
