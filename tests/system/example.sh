#!/usr/bin/env bash
# docs/examples run against the CA: own signer, own HTTP stack, nothing of ours but the toolkit.
# usage: EXAMPLE=own_signer_own_http bed.sh example.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

"$EXAMPLE" "$DIRECTORY" "$CA_FILE" "${HTTP01##*:}" example.test >"$BED/example.pem"
openssl x509 -in "$BED/example.pem" -noout -ext subjectAltName | grep -q DNS:example.test || fail 'no certificate for example.test'

# The CA must be believed because of CA_FILE, and of nothing else.
expect 1 "$EXAMPLE" "$DIRECTORY" /etc/ssl/certs/ca-certificates.crt "${HTTP01##*:}" example.test
