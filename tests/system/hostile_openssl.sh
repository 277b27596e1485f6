#!/usr/bin/env bash
# An openssl.cnf that activates a provider for the very token: module and provider share a libcrypto, and must not meet in it.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

provider=$(find "$tests/../../build/testbed/pkcs11-provider" -name pkcs11.so -print -quit 2>/dev/null || true)
[[ $provider ]] || { echo 'SKIPPED: no pkcs11-provider (tests/testbed/newer.sh brings one)'; exit 77; }
cat >"$BED/openssl.cnf" <<CNF
openssl_conf = init
[init]
providers = providers
[providers]
pkcs11 = pkcs11
default = base
[base]
activate = 1
[pkcs11]
module = $provider
pkcs11-module-path = $MODULE
pkcs11-module-token-pin = file:$PIN_FILE
activate = 1
CNF
OPENSSL_CONF=$BED/openssl.cnf openssl list -providers | grep -q pkcs11 || fail 'the hostile openssl.cnf is harmless'

export OPENSSL_CONF=$BED/openssl.cnf
init
sealring issue -d hostile.test
unset OPENSSL_CONF
judge hostile.test
