#!/bin/sh
# Our CSRs and public keys judged by the openssl program.   with_openssl.sh TEST_EMIT
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$1" write "$dir"
says() { openssl req -in "$1" -noout -verify -text 2>&1; }
for alg in ES256 ES384 ES512 RS256 PS256 EdDSA; do
  csr=$dir/$alg.csr
  says "$csr" >"$dir/text"
  for line in 'self-signature verify OK' 'Subject: $' 'X509v3 Subject Alternative Name: critical' \
    'DNS:example.com, DNS:\*.example.com, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1'; do
    grep -q "$line" "$dir/text" || { echo "$alg: openssl does not say: $line"; cat "$dir/text"; exit 1; }
  done
  openssl req -in "$csr" -noout -pubkey | cmp - "$dir/$alg.pub"

  openssl req -in "$csr" -outform DER | sed 's/example\.com/exbmple.com/' >"$dir/tampered"
  openssl req -inform DER -in "$dir/tampered" -out "$dir/tampered.csr"
  ! says "$dir/tampered.csr" | grep -q 'verify OK' || { echo "$alg: openssl takes anything"; exit 1; }
  echo "$alg: our request, their verification: good"
done
