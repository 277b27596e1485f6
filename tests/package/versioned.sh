#!/usr/bin/env bash
# Every function and object that a static library of ours defines has its version in its name, or two versions would clash.
# usage: versioned.sh ARCHIVE...
set -euo pipefail
nm --defined-only --extern-only --demangle "$@" | grep -E '^[0-9a-f]+ [A-Za-z] ' > versioned.symbols
[[ $(grep -c ' T sealring::v0::' versioned.symbols) -gt 100 ]]
# What all versions share are inline functions of the standard library (W, V, u) that do not know our types.
if grep -vE ' [WVu] ' versioned.symbols | grep -v 'sealring::v0::' || grep -E 'sealring::[^v]' versioned.symbols; then
  echo "these lack the version"
  exit 1
fi
