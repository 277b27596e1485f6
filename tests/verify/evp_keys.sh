#!/usr/bin/env bash
# software_key over an EVP_PKEY from a file, from pkcs11-provider and from libp11: JWS judged by jose, CSRs by openssl.
# usage: EVP_KEYS=test_evp_keys bed.sh --no-pebble evp_keys.sh
set -euo pipefail

provider=$(dirname "$(realpath "$0")")/../../build/testbed/pkcs11-provider

judge() { # ORIGIN ALGORITHM...
  local algorithm
  for algorithm in "${@:2}"; do
    jose jws ver -i "$BED/$1/$algorithm.jws" -k "$BED/$1/$algorithm.jwk" -O "$BED/payload"
    [[ $(<"$BED/payload") == '{}' ]]
    openssl req -in "$BED/$1/$algorithm.csr" -noout -verify -text >"$BED/request" 2>&1
    grep -q 'verify OK' "$BED/request"
    grep -q DNS:example.com "$BED/request"
    echo "$1: $algorithm: a JWS and a CSR are good"
  done
}
written_by() { # ORIGIN ARGUMENT...
  mkdir -p "$BED/$1"
  "$EVP_KEYS" "${@:2}" "$BED/$1"
}
p11() { pkcs11-tool --module "$MODULE" --token-label "$TOKEN" --login --pin "env:PIN" "$@"; }
PIN=$(<"$PIN_FILE")
export PIN

openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$BED/ec.pem"
openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$BED/rsa.pem"
written_by file store "file:$BED/ec.pem"
written_by file store "file:$BED/rsa.pem"
judge file ES256 RS256 PS256

p11 --keypairgen --key-type EC:prime256v1 --id 01 --label ec --usage-sign >/dev/null
p11 --keypairgen --key-type rsa:2048 --id 02 --label rsa --usage-sign >/dev/null
written_by libp11 libp11 "$MODULE" ec "$PIN_FILE"
written_by libp11 libp11 "$MODULE" rsa "$PIN_FILE"
judge libp11 ES256 RS256 PS256

module=$(find "$provider" -name pkcs11.so 2>/dev/null || true)
if [[ -z $module ]]; then
  echo 'SKIPPED: no pkcs11-provider in build/testbed/pkcs11-provider (tests/testbed/newer.sh brings one); the others are good'
  exit 77
fi
cat >"$BED/openssl.cnf" <<END
openssl_conf = openssl_init
[openssl_init]
providers = providers
[providers]
default = built_in
pkcs11 = token
[built_in]
activate = 1
[token]
identity = pkcs11
module = $module
pkcs11-module-path = $MODULE
pkcs11-module-token-pin = file:$PIN_FILE
pkcs11-module-quirks = no-deinit
activate = 1
END
export OPENSSL_CONF=$BED/openssl.cnf
written_by provider store "pkcs11:token=$TOKEN;object=ec;type=private"
written_by provider store "pkcs11:token=$TOKEN;object=rsa;type=private"
unset OPENSSL_CONF
judge provider ES256 RS256 PS256
