#!/usr/bin/env bash
# Without CMake.
# usage: build.sh COMPILER      with PKG_CONFIG_PATH set, where sealring is not installed in the system
set -euo pipefail
read -ra flags < <(pkg-config --cflags --libs sealring-curl)
"$1" -std=c++20 "$(dirname "$0")/../consumer.cpp" "${flags[@]}" -o consumer
./consumer
