#!/usr/bin/env bash
# docs/examples/kms_signer.cpp signs with a key of a KMS (kms.py), and says what the KMS cannot do.
# usage: EXAMPLE=kms_signer bed.sh --no-pebble kms_signer.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=kms -addext subjectAltName=IP:127.0.0.1 \
  -keyout "$BED/kms.key" -out "$BED/kms.pem" 2>/dev/null
/usr/bin/python3 "$tests/kms.py" "$BED/kms.pem" "$BED/kms.key" "$BED/kms.port" &
until [[ -e $BED/kms.port ]]; do kill -0 $! || fail 'no KMS'; sleep 0.05; done
kms=https://127.0.0.1:$(<"$BED/kms.port")

printf 'a message' >"$BED/message"
"$EXAMPLE" "$kms" "$BED/kms.pem" site <"$BED/message" >"$BED/signature"
curl -s --cacert "$BED/kms.pem" "$kms/keys/site" | jq -r .publicKey >"$BED/public.pem"
openssl dgst -sha256 -verify "$BED/public.pem" -signature "$BED/signature" "$BED/message"

expect 1 "$EXAMPLE" "$kms" "$BED/kms.pem" other <"$BED/message"
expect 1 "$EXAMPLE" "$kms" /etc/ssl/certs/ca-certificates.crt site <"$BED/message"
