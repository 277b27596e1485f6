#!/usr/bin/env bash
# Core, and what signs JWS and requests, without JSON and without Asio: neither is read by the compiler, or linked.
# usage: build.sh COMPILER      with PKG_CONFIG_PATH set
set -euo pipefail
build() { # program modules...
  local flags
  read -ra flags < <(pkg-config --cflags --libs "${@:2}")
  "$compiler" -std=c++20 -MD -MF "$1.d" "$here/$1.cpp" "${flags[@]}" -o "$1"
  "./$1"
  readelf --dynamic "$1" > "$1.libraries"
  if grep -E '/boost/|/asio' "$1.d" || grep -E 'NEEDED.*boost' "$1.libraries"; then
    echo "$1 is not alone"
    exit 1
  fi
}
compiler=$1
here=$(dirname "$0")
build core_alone sealring-core
build signing_alone sealring-jose sealring-x509
