#!/usr/bin/env bash
# The second half of quickstart.sh, inside its bed: a certificate's life, each step judged by somebody else's program.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
: "${LOG:=$BED/tour.log}"
# shellcheck source=tests/testbed/step.sh
. "$here/step.sh"
# shellcheck source=tests/testbed/inspect.sh
. "$here/inspect.sh"

name=quickstart.test
live=$BED/live/$name

sealring() { "$SEALRING" --config "$BED/sealring.toml" "$@"; }

started() {
  echo "token \"$TOKEN\" in $MODULE" | show
  echo "$PEBBLE at $DIRECTORY" | show
}

init() {
  sealring init --module "$MODULE" --token "$TOKEN" --pin-file "$PIN_FILE" --directory "$DIRECTORY" --ca-file "$CA_FILE" \
    --contact mailto:ops@example.test --agree-tos --http-01 "$HTTP01"
}

certificate() {
  cp "$live/cert.pem" "$BED/issued.pem" # whatever becomes of the other once it is revoked
  sealring show "$name"
  openssl x509 -in "$live/cert.pem" -noout -serial -issuer -enddate -ext subjectAltName | show
}

keys() { # the account's, the certificate's, the audit log's, as OpenSC reads them from the token
  private_keys | tee "$BED/keys" | show
  [[ $(grep -c ': sensitive, always sensitive, never extractable, local$' "$BED/keys") == 3 ]]
  [[ $(wc -l <"$BED/keys") == 3 ]]
}

chain() {
  same_key "$live/cert.pem" "$live/privkey.pem"
  echo 'the public key in the certificate is the one in the token' | show
  verify_chain "$live/cert.pem" "$live/chain.pem" | sed "s|$BED/||" | show
}

handshake() {
  local status=0
  "$here/handshake.sh" "$name" "$live"/{cert,chain,privkey}.pem "$BED/root.pem" >"$BED/handshake" || status=$?
  case $status in
    0) show <"$BED/handshake" ;;
    3) bare_signature ;;
    *) return "$status" ;;
  esac
}

bare_signature() { # what a handshake proves of the key, without a TLS server
  openssl rand 32 >"$BED/digest"
  token --sign --id "$(key_id "$live/privkey.pem")" --mechanism ECDSA --signature-format openssl \
    --input-file "$BED/digest" --output-file "$BED/signature"
  openssl x509 -in "$live/cert.pem" -noout -pubkey >"$BED/public.pem"
  openssl pkeyutl -verify -pubin -inkey "$BED/public.pem" -in "$BED/digest" -sigfile "$BED/signature" | show
  echo 'no pkcs11-provider here: this is a bare signature of the token, not a handshake' | show
}

revoked() {
  local status
  status=$(ca_status "$BED/issued.pem")
  echo "$status" | show
  [[ $status == Revoked ]]
}

step 'make a throw-away token, and a CA that only this script can reach' started
step 'sealring init: the configuration' init
step "sealring issue: account, order, http-01, certificate; both keys are made in the token" \
  sealring issue -d "$name" -d "www.$name"
step 'the certificate' certificate
step 'no key can leave the token: its own word for each private key in it' keys
step 'the chain, up to the root of the CA' chain
step 'a TLS 1.3 handshake, signed by the token, verified by a client' handshake
step 'sealring revoke' sealring revoke "$name"
step 'what the CA now says of the certificate' revoked
printf '\nall done; look at it in %s\n' "${BED#"$PWD/"}" >&3
