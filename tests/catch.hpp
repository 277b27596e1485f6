// Catch2, 2 (Debian 12) or 3 (Debian 13): tests include this and link catch_main.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#define CATCH_CONFIG_FAST_COMPILE  // an exception ends the test case at once
#include <catch2/catch.hpp>
#endif
