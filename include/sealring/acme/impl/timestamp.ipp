#pragma once

#include "sealring/acme/timestamp.hpp"

namespace sealring::inline v0::acme {

SEALRING_INLINE std::string format_timestamp(std::chrono::sys_seconds time) {
  using namespace std::chrono;
  const auto midnight = floor<days>(time);
  const year_month_day date{midnight};
  const hh_mm_ss clock{time - midnight};
  const auto padded = [](std::int64_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    return std::string(width - std::min(width, digits.size()), '0') + digits;
  };
  return padded(int{date.year()}, 4) + '-' + padded(unsigned{date.month()}, 2) + '-' + padded(unsigned{date.day()}, 2) + 'T' +
         padded(clock.hours().count(), 2) + ':' + padded(clock.minutes().count(), 2) + ':' +
         padded(clock.seconds().count(), 2) + 'Z';
}

}  // namespace sealring::inline v0::acme
