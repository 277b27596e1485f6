// What every unit test needs: values out of results, bytes out of hexadecimal, one key an algorithm.
#pragma once

#include "catch.hpp"
#include "sealring/jose/name.hpp"
#include "sealring/software_key.hpp"

#include <stdexcept>

namespace sealring::test {

/// Every call, failed or not, leaves libcrypto's error queue empty: TLS code in the same thread reads it.
inline void demand_clean_queue() {
  if (const auto left = ERR_peek_error(); left != 0) {
    ERR_clear_error();
    FAIL("left on libcrypto's error queue: " << ERR_reason_error_string(left));
  }
}

template <class T>
T must(result<T> r) {
  demand_clean_queue();
  if (!r) FAIL("unexpected failure: " << r.error().message());
  return *std::move(r);
}

template <class T>
bool good(const result<T>& r) {
  demand_clean_queue();
  return r.has_value();
}

/// The error of a call that had to fail; no error where it succeeded.
template <class T>
std::error_code refusal(const result<T>& r) {
  demand_clean_queue();
  return r ? std::error_code{} : r.error();
}

inline bytes unhex(std::string_view text) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out.push_back(static_cast<std::uint8_t>(digit(text[i]) << 4 | digit(text[i + 1])));
  return out;
}

inline bytes to_bytes(bytes_view view) { return {view.begin(), view.end()}; }

/// A key of libcrypto's own making: make_evp("EC", "P-224"), make_evp("RSA", std::size_t{2048}), make_evp("ED25519").
template <class... Parameters>
detail::evp_pkey make_evp(const char* type, Parameters... parameters) {
  detail::evp_pkey key{EVP_PKEY_Q_keygen(nullptr, nullptr, type, parameters...)};
  if (!key) throw std::runtime_error{"EVP_PKEY_Q_keygen"};
  return key;
}

template <algorithm A>
detail::evp_pkey make_evp_for() {
  if constexpr (detail::is_ecdsa<A>) return make_evp("EC", OBJ_nid2sn(A::curve::nid));
  else if constexpr (std::same_as<A, eddsa>) return make_evp("ED25519");
  else return make_evp("RSA", std::size_t{2048});
}

/// One key an algorithm and process: RSA keys are slow to make.
template <algorithm A>
EVP_PKEY* evp_of() {
  static const detail::evp_pkey key = make_evp_for<A>();
  return key.get();
}

template <algorithm A>
const software_key<A>& key_of() {
  static const auto key = must(software_key<A>::from(evp_of<A>()));
  return key;
}

/// Runs `test(A{})` for each algorithm, naming it where something fails.
template <class Test>
void for_each_algorithm(Test test) {
  const auto run = [&](auto a) {
    INFO("algorithm " << jose::name(a.id));
    test(a);
  };
  run(es256{}), run(es384{}), run(es512{}), run(rs256{}), run(ps256{}), run(eddsa{});
}

}  // namespace sealring::test
