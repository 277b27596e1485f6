// Failed checks show the failure.
#pragma once

#include "agent/failure.hpp"
#include "catch.hpp"

template <class T>
struct Catch::StringMaker<sealring::agent::result<T>> {
  static std::string convert(const sealring::agent::result<T>& r) { return r ? "a value" : r.error().what; }
};
