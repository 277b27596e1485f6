#!/usr/bin/env bash
# Configurations that somebody will have: each works, or says why it does not.
# usage: PROVIDER=sealring.so bed.sh odd.sh
# shellcheck source=tests/provider/servers/lib.sh
. "$(dirname "$0")/lib.sh"

with_agent ec.test rsa.test raw-ec
in_bed nginx.conf
good=$BED/raw-ec.pem

says() { # TEXT COMMAND...: fails, and that is why
  expect 1 served "${@:2}"
  grep -q "$1" "$BED/err" || { cat "$BED/err" >&2; fail "no word of \"$1\": ${*:2}"; }
}

# Certificate and key in one file.
sed 's#/fullchain.pem#/combined.pem#; s#/privkey.pem#/combined.pem#' "$BED/nginx.conf" >"$BED/bundle.conf"
start nginx -c "$BED/bundle.conf" -e "$BED/log/error.log" -g 'daemon off;'
judge_server 'nginx, combined.pem'
stop
for name in ec.test rsa.test; do
  combined=$home/live/$name/combined.pem
  start openssl s_server -accept "127.0.0.1:$TLS_PORT" -www -cert "$combined" -cert_chain "$home/live/$name/chain.pem" -key "$combined"
  judge_name 's_server, combined.pem' $name
  stop
done
echo 'combined.pem: as certificate and as key, in nginx and s_server'

# A damaged reference. One with a label that is not ours is not our business, and what OpenSSL says is OpenSSL's.
openssl asn1parse -in "$good" -noout -out "$BED/good.der"
damaged() { # KIND
  case $1 in
    cut) head -n 3 "$good" ;;
    base64) sed '2s/...../!!!!!/' "$good" ;;
    version)
      echo '-----BEGIN SEALRING KEY REFERENCE-----'
      sed 's/sealring-reference-1/sealring-reference-9/' "$BED/good.der" | base64 -w64
      echo '-----END SEALRING KEY REFERENCE-----' ;;
    label) sed 's/SEALRING KEY REFERENCE/SOME OTHER REFERENCE/' "$good" ;;
  esac
}
for kind in cut base64 version label; do
  case $kind in
    cut | base64) why='malformed key reference:.*its PEM is damaged; write the certificate.s files again' ;;
    version) why='malformed key reference:.*of a version that this program does not know; update sealring here' ;;
    label) why='unsupported.*No supported data to decode' ;;
  esac
  damaged $kind >"$BED/$kind.pem"
  ! cmp -s "$BED/$kind.pem" "$good" || fail "$kind: not damaged at all"
  says "$why" openssl pkey -in "$BED/$kind.pem" -pubout
  sed "s#ssl_certificate_key .*#ssl_certificate_key $BED/$kind.pem;#" "$BED/nginx.conf" >"$BED/damaged.conf"
  says "$why" nginx -t -q -c "$BED/damaged.conf" -e "$BED/log/other.log"
done
echo 'damaged references: cut, base64, version, label: openssl and nginx say what is wrong'

# openssl.cnf in the wrong order. OpenSSL would get by with it in part, and fail with "no shared cipher" in the rest.
sed -i '/^sealring = /d; s/^\[providers\]$/&\nsealring = sealring_provider/' "$BED/openssl.cnf"
why='bad configuration:.*openssl.cnf must activate the default provider, and list it before sealring'
says "$why" openssl pkey -in "$good" -pubout
says "$why" nginx -t -q -c "$BED/nginx.conf" -e "$BED/log/other.log"

# And without the default provider. It is OpenSSL that says so, before a key is looked at.
in_bed openssl.cnf
sed -i '/^default = /d' "$BED/openssl.cnf"
says 'you need at least one of the default or base providers' openssl pkey -in "$good" -pubout
says 'library has no ciphers' nginx -t -q -c "$BED/nginx.conf" -e "$BED/log/other.log"
in_bed openssl.cnf
served nginx -t -q -c "$BED/nginx.conf" -e "$BED/log/other.log" || complain 'nginx does not even take the right one'
echo 'openssl.cnf: sealring first, or no default provider: openssl and nginx say so'
