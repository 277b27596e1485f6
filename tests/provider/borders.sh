#!/usr/bin/env bash
# What sealring.so shows to the program that loads it, and what it asks of it: one symbol; no thread, and nothing to be run at the
# program's end, when it may be gone.
# usage: borders.sh FILE
set -euo pipefail

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

shown=$(nm -D --defined-only "$1" | awk '{ print $NF }')
[[ $shown == OSSL_provider_init ]] || fail "it shows more than OSSL_provider_init: $shown"

asked=$(nm -D --undefined-only "$1" | awk '{ sub(/@.*/, "", $NF); print $NF }')
[[ $asked == *EVP_* ]] || fail "it does not even ask for libcrypto: $asked"
for symbol in __cxa_atexit __cxa_thread_atexit_impl __cxa_thread_atexit atexit pthread_create pthread_atfork __register_atfork; do
  ! grep -qx "$symbol" <<<"$asked" || fail "it asks for $symbol"
done

needed=$(objdump -p "$1" | awk '$1 == "NEEDED" { print $2 }')
while read -r library; do
  case $library in
    libcrypto.so.3 | libstdc++.so.6 | libgcc_s.so.1 | libc.so.6 | libm.so.6 | ld-linux*) ;;
    *) fail "it needs $library" ;;
  esac
done <<<"$needed"
