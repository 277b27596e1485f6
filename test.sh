#!/usr/bin/env bash
# Everything there is to test, from a clean clone: packages, a Release build with warnings as errors, all tests.
# usage: ./test.sh [CTEST-OPTION...]      (./test.sh -L system: one label only)
set -euo pipefail
cd "$(dirname "$(realpath "$0")")"

tests/testbed/packages.sh
# The tests do without where there is no way to get them, and say so.
tests/testbed/newer.sh pebble build/testbed/pebble || true
tests/testbed/newer.sh pkcs11-provider build/testbed/pkcs11-provider || true

cmake --preset release -DBUILD_TESTING=ON # quickstart.sh builds without
cmake --build --preset release
ctest --preset release --output-on-failure "$@"
