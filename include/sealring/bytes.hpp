// Bytes: views, owned, of fixed length, and secret.
#pragma once

#include "sealring/config.hpp"

#include <openssl/crypto.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sealring::inline v0 {

using bytes = std::vector<std::uint8_t>;
using bytes_view = std::span<const std::uint8_t>;

template <std::size_t N>
using fixed_bytes = std::array<std::uint8_t, N>;

/// What is signed, before any hashing. A view: the bytes must outlive the call that takes it.
using message = bytes_view;

inline bytes_view as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(bytes_view data) noexcept { return {reinterpret_cast<const char*>(data.data()), data.size()}; }

/// Copies what there is, and says where it ends. (std::copy's header would cost every user of core.)
inline std::uint8_t* copy_bytes(bytes_view from, std::uint8_t* to) noexcept {
  for (const std::uint8_t byte : from) *to++ = byte;
  return to;
}

/// Frees only what it has wiped. A vector, unlike a string, never keeps its content inside itself.
template <class T>
struct wiping_allocator {
  using value_type = T;
  wiping_allocator() = default;
  template <class U>
  wiping_allocator(const wiping_allocator<U>&) noexcept {}
  T* allocate(std::size_t n) { return std::allocator<T>{}.allocate(n); }
  void deallocate(T* p, std::size_t n) noexcept {
    OPENSSL_cleanse(p, n * sizeof(T));
    std::allocator<T>{}.deallocate(p, n);
  }
  friend bool operator==(wiping_allocator, wiping_allocator) noexcept { return true; }
};

/// A symmetric secret (an external-account-binding key): wiped when freed, never printed.
using secret_bytes = std::vector<std::uint8_t, wiping_allocator<std::uint8_t>>;

}  // namespace sealring::inline v0
