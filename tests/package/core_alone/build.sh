#!/usr/bin/env bash
# Core without JSON and without Asio: neither is read by the compiler, or linked.
# usage: build.sh COMPILER      with PKG_CONFIG_PATH set
set -euo pipefail
read -ra flags < <(pkg-config --cflags --libs sealring-core)
"$1" -std=c++20 -MD -MF core_alone.d "$(dirname "$0")/core_alone.cpp" "${flags[@]}" -o core_alone
./core_alone
readelf --dynamic core_alone > core_alone.libraries
if grep -E '/boost/|/asio' core_alone.d || grep -E 'NEEDED.*boost' core_alone.libraries; then
  echo "core is not alone"
  exit 1
fi
