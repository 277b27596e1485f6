// The border to C: no exception crosses it.
#pragma once

#include <openssl/core.h>

#include <type_traits>

namespace sealring::provider {

/// Turns a member of dispatch tables into what OpenSSL calls. The function that it is must not throw over the border, so that
/// running out of memory is a failure like any other.
template <auto Function>
struct guarded;

template <class R, class... A, R (*Function)(A...)>
struct guarded<Function> {
  static R call(A... arguments) noexcept {
    try {
      return Function(arguments...);
    } catch (...) {
      if constexpr (!std::is_void_v<R>) return R{};
    }
  }
};

using function = void (*)();

/// One line of a dispatch table.
template <auto Function>
OSSL_DISPATCH entry(int id) noexcept {
  return {id, reinterpret_cast<function>(&guarded<Function>::call)};
}

inline constexpr OSSL_DISPATCH end_of_dispatch{0, nullptr};

}  // namespace sealring::provider
