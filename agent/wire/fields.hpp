// Fields written and read: each message names its fields once (message.cpp), and these two classes walk them.
#pragma once

#include "agent/wire/message.hpp"
#include "agent/wire/text.hpp"

#include <algorithm>
#include <limits>

namespace sealring::inline v0::wire {

inline constexpr std::size_t max_count = std::numeric_limits<std::uint16_t>::max();

inline bool is_lower_hex(std::string_view text) noexcept {
  return text.size() % 2 == 0 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

template <class E>
inline constexpr std::pair<E, E> bounds{};
template <>
inline constexpr std::pair<algorithm_id, algorithm_id> bounds<algorithm_id>{algorithm_id::es256, algorithm_id::eddsa};
template <>
inline constexpr std::pair<key_state, key_state> bounds<key_state>{key_state::unknown, key_state::superseded};
template <class E>
bool in_bounds(E value) noexcept {
  return value >= bounds<E>.first && value <= bounds<E>.second;
}

/// The first failure stays; what is written after it does not matter.
class field_writer {
public:
  template <class... T>
  void operator()(const T&... values) {
    (put(values), ...);
  }
  void hex(const std::string& text) {
    if (!is_lower_hex(text)) fail(errc::bad_value);
    put(text);
  }
  template <class... Bit>
  void flags(const Bit&... bits) {
    unsigned octet = 0, place = 0;
    ((octet |= (bits ? 1U : 0U) << place++), ...);
    integer(octet, 1);
  }

  result<bytes> finish() && {
    if (out_.size() > max_frame) fail(errc::too_large);
    if (failure_) return failure_;
    return std::move(out_);
  }

private:
  void fail(errc why) {
    if (!failure_) failure_ = why;
  }
  void integer(std::uint64_t value, unsigned size) {
    while (size-- > 0) out_.push_back(static_cast<std::uint8_t>(value >> (8 * size)));
  }
  void count(std::size_t n) {
    if (n > max_count) fail(errc::too_large);
    integer(n, 2);
  }
  template <std::unsigned_integral T>
  void put(T value) {
    integer(value, sizeof value);
  }
  template <class E>
    requires std::is_enum_v<E>
  void put(E value) {
    if (!in_bounds(value)) fail(errc::bad_value);
    integer(static_cast<std::uint8_t>(value), 1);
  }
  void put(const bytes& value) {
    count(value.size());
    out_.insert(out_.end(), value.begin(), value.end());
  }
  void put(const std::string& value) {
    if (!is_text(value)) fail(errc::bad_text);
    count(value.size());
    out_.insert(out_.end(), value.begin(), value.end());
  }
  template <std::size_t N>
  void put(const fixed_bytes<N>& value) {
    out_.insert(out_.end(), value.begin(), value.end());
  }
  template <class T>
  void put(const std::vector<T>& values) {
    count(values.size());
    for (const auto& value : values) put(value);
  }
  template <class T>
    requires std::is_class_v<T>
  void put(const T& group) {
    fields(*this, group);
  }

  bytes out_;
  std::error_code failure_;
};

/// After the first failure everything reads as empty.
class field_reader {
public:
  explicit field_reader(bytes_view in) noexcept : in_{in} {}

  template <class... T>
  void operator()(T&... values) {
    (get(values), ...);
  }
  void hex(std::string& text) {
    get(text);
    if (!is_lower_hex(text)) fail(errc::bad_value);
  }
  template <class... Bit>
  void flags(Bit&... bits) {
    const auto octet = integer(1);
    if (octet >> sizeof...(bits) != 0) fail(errc::bad_value);
    unsigned place = 0;
    ((bits = (octet >> place++ & 1) != 0), ...);
  }

  std::error_code finish() noexcept {
    if (!in_.empty()) fail(errc::trailing_bytes);
    return failure_;
  }

private:
  void fail(errc why) noexcept {
    if (!failure_) failure_ = why;
    in_ = {};
  }
  bytes_view take(std::size_t size) noexcept {
    if (size > in_.size()) {
      fail(errc::truncated);
      return {};
    }
    const auto taken = in_.first(size);
    in_ = in_.subspan(size);
    return taken;
  }
  std::uint64_t integer(std::size_t size) noexcept {
    std::uint64_t value = 0;
    for (const auto octet : take(size)) value = value << 8 | octet;
    return value;
  }
  template <std::unsigned_integral T>
  void get(T& value) noexcept {
    value = static_cast<T>(integer(sizeof value));
  }
  template <class E>
    requires std::is_enum_v<E>
  void get(E& value) noexcept {
    value = static_cast<E>(integer(1));
    if (!in_bounds(value)) fail(errc::bad_value);
  }
  void get(bytes& value) {
    const auto octets = take(integer(2));
    value.assign(octets.begin(), octets.end());
  }
  void get(std::string& value) {
    const auto text = as_text(take(integer(2)));
    if (!is_text(text)) return fail(errc::bad_text);
    value = text;
  }
  template <std::size_t N>
  void get(fixed_bytes<N>& value) noexcept {
    const auto octets = take(N);
    std::copy(octets.begin(), octets.end(), value.begin());
  }
  // Grows with what is really there: a count that lies costs nothing.
  template <class T>
  void get(std::vector<T>& values) {
    for (auto left = integer(2); left > 0 && !failure_; --left) get(values.emplace_back());
  }
  template <class T>
    requires std::is_class_v<T>
  void get(T& group) {
    fields(*this, group);
  }

  bytes_view in_;
  std::error_code failure_;
};

}  // namespace sealring::inline v0::wire
