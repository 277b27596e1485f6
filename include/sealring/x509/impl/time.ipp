#pragma once

#include "sealring/x509/time.hpp"

#include <ctime>

namespace sealring::inline v0::x509::detail {

SEALRING_INLINE std::optional<time_point> to_time(const ASN1_TIME* time) {
  std::tm tm{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &tm) != 1) return std::nullopt;
  using namespace std::chrono;
  return sys_days{year{tm.tm_year + 1900} / (tm.tm_mon + 1) / tm.tm_mday} + hours{tm.tm_hour} + minutes{tm.tm_min} +
         seconds{tm.tm_sec};
}

}  // namespace sealring::inline v0::x509::detail
