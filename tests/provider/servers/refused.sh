#!/usr/bin/env bash
# What else the web server's user might want of the certificate's key: refused, with the cause, and in the audit log.
# usage: PROVIDER=sealring.so bed.sh refused.sh
# shellcheck source=tests/provider/servers/lib.sh
. "$(dirname "$0")/lib.sh"

with_agent ec.test rsa.test raw-ec
as_www=(setpriv --reuid www-data --regid www-data --init-groups env "OPENSSL_CONF=$BED/openssl.cnf")
install -d -o www-data -g www-data "$BED/www"

www() { "${as_www[@]}" openssl "$@"; }
no() { # TEXT OPTION...: www-data's openssl fails, with that text and without a file
  rm -f "$BED/www/out"
  expect 1 www "${@:2}"
  grep -q "$1" "$BED/err" || { cat "$BED/err" >&2; fail "no word of \"$1\": ${*:2}"; }
  [[ ! -s $BED/www/out ]] || fail "it wrote something: ${*:2}"
}

echo message >"$BED/www/message"
openssl dgst -sha256 -binary -out "$BED/www/digest" "$BED/www/message"
base64url() { base64 -w0 | tr '+/' '-_' | tr -d '='; }
for name in ec.test rsa.test; do
  key=$BED/www/$name.pem
  install -o www-data -g www-data -m 0400 "$home/live/$name/privkey.pem" "$key"
  algorithm=ES256
  [[ $name != rsa* ]] || algorithm=RS256
  printf '%s.%s' "$(printf '{"alg":"%s"}' $algorithm | base64url)" "$(printf '{"sub":"root"}' | base64url)" >"$BED/www/jws"
  refused="sealring::agent refused:.*agent at $BED/run/sign.sock refused: key $name: "
  no "$refused" req -new -key "$key" -subj /CN=other.test -out "$BED/www/out"
  no "$refused" dgst -sha256 -sign "$key" -out "$BED/www/out" "$BED/www/jws"
  no "$refused" dgst -sha256 -sign "$key" -out "$BED/www/out" "$BED/www/message"
  no "$refused" pkeyutl -sign -inkey "$key" -in "$BED/www/digest" -pkeyopt digest:sha256 -out "$BED/www/out"
done
install -o www-data -g www-data -m 0400 "$BED/raw-ec.pem" "$BED/www/raw-ec.pem"
no "key raw-ec is not allowed for uid $(id -u www-data) (www-data); add it to peers in sealring.toml" \
  dgst -sha256 -sign "$BED/www/raw-ec.pem" -out "$BED/www/out" "$BED/www/message"

# The same user, by the same file: a handshake.
"${as_www[@]}" openssl s_server -accept "127.0.0.1:$TLS_PORT" -www -cert "$home/live/ec.test/cert.pem" \
  -cert_chain "$home/live/ec.test/chain.pem" -key "$BED/www/ec.test.pem" >"$BED/log/output" 2>&1 &
server=$!
await 30 up
judge_name 's_server of www-data' ec.test
stop

sealring audit show --denied --json >"$BED/denied"
for name in ec.test rsa.test; do
  for operation in sign-message:3 sign-digest:1; do
    jq -es --arg key $name --arg operation "${operation%:*}" --argjson count "${operation#*:}" --argjson uid "$(id -u www-data)" \
      '[.[] | select(.key == $key and .peer.uid == $uid and .operation == $operation)] | length == $count' "$BED/denied" >/dev/null ||
      { cat "$BED/denied" >&2; fail "$name: not ${operation#*:} denials of ${operation%:*} in the log"; }
  done
done
sealring audit verify >"$BED/out" || fail 'the audit log does not verify'
echo 'CSR, JWS, file and bare digest: refused and logged, for P-256 and RSA-2048; handshakes signed'
