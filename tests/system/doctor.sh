#!/usr/bin/env bash
# The way from a server to its key, broken in one place after the other: doctor names the place.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/served.sh
. "$tests/served.sh"

doctor() { sealring doctor --openssl-conf "$BED/openssl.cnf" --name a.test "$@"; }

well() { # OPTION...
  expect 0 doctor "$@"
  ! grep -q WRONG "$BED/out" || fail "status 0, and yet: $(<"$BED/out")"
}

wrong() { # CHECK TEXT OPTION...: this check is wrong, and its text has that in it
  expect 1 doctor --json "${@:3}"
  jq -e --arg check "$1" --arg text "$2" 'any(.check == $check and (.good | not) and (.says | contains($text)))' "$BED/out" >/dev/null ||
    { jq . "$BED/out" >&2; fail "doctor does not say of \"$1\": $2"; }
}

init -q
sed -i 's/^\[state\]$/&\ngroup = "ssl-cert"/' "$home/sealring.toml"
cat >>"$home/sealring.toml" <<TOML
[agent]
listen = ["$BED/run/sign.sock"]
[[certificate]]
name = "a.test"
domains = ["a.test"]
peers = ["www-data", "haproxy", "postgres"]
[[certificate]]
name = "b.test"
domains = ["b.test"]
[[certificate]]
name = "client.test"
domains = ["client.test"]
purpose = "tls-client"
peers = ["postgres"]
TOML
sealring -q issue
sealring init --openssl-conf >"$BED/openssl.cnf"
good=$BED/good
cp -a "$(realpath "$home/live/a.test")" "$good"
restore() { cp -a "$good/." "$(realpath "$home/live/a.test")/"; }

wrong agent 'starts it'
wrong socket 'start the agent'
wrong 'TLS 1.3' 'agent not reachable'

start_agent
well
well --server nginx
well --server postgresql
well --server www-data
[[ $(sealring doctor --name a.test --json --openssl-conf "$BED/openssl.cnf" | jq -r '.[].check' | sort -u | wc -l) -ge 12 ]] ||
  fail 'few checks'

expect 0 sealring doctor --name client.test --openssl-conf "$BED/openssl.cnf"

# Rules and places.
wrong peers 'add it to peers' --server nobody
wrong 'TLS 1.2' 'is not allowed for uid' --server nobody
wrong user 'there is no user' --server nowhere-to-be-found
chmod 0700 "$BED/run"
wrong socket 'Permission denied' --server nginx
chmod 0755 "$BED/run"
mkdir "$BED/jail"
wrong socket 'a chroot hides paths' --server nginx --chroot "$BED/jail"
wrong socket 'a chroot hides paths' --server haproxy
expect 1 sealring doctor --name b.test
grep -q 'no user is listed' "$BED/out" || fail 'nobody may use b.test, and doctor is silent'
expect 1 sealring doctor --name c.test
expect 1 "$SEALRING" --config "$BED/none.toml" doctor --json
jq -e 'length == 1 and (.[0].good | not)' "$BED/out" >/dev/null || fail 'no configuration, and doctor does not say that'

# openssl.cnf.
cp "$BED/openssl.cnf" "$BED/right.cnf"
breaks_conf() { # CHECK TEXT SED
  sed "$3" "$BED/right.cnf" >"$BED/openssl.cnf"
  ! cmp -s "$BED/right.cnf" "$BED/openssl.cnf" || fail "no change by $3"
  wrong "$1" "$2" --server nginx
}
breaks_conf provider 'nothing.so' 's|^module = .*|module = /nowhere/nothing.so|'
breaks_conf provider 'does not activate sealring' '/^sealring = /d'
breaks_conf 'default provider' 'does not activate it' '/^default = /d'
breaks_conf order 'must stand before sealring' '/^default = /d; s/^sealring = .*/&\ndefault = sealring_software/'
rm "$BED/openssl.cnf"
wrong openssl.cnf 'No such file or directory'
wrong openssl.cnf 'sealring init --openssl-conf'
cp "$BED/right.cnf" "$BED/openssl.cnf"
well --server nginx

# The files.
live=$home/live/a.test
combine() {
  cat "$live/cert.pem" "$live/chain.pem" >"$live/fullchain.pem"
  cat "$live/fullchain.pem" "$live/privkey.pem" >"$live/combined.pem"
}
cp "$home/live/b.test/cert.pem" "$live/cert.pem"
wrong files 'not made of the files beside it'
combine
wrong reference 'another key'
restore
python3 - "$live/cert.pem" <<'PY'
import datetime, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a.test")])
then = datetime.datetime(2020, 1, 1)
made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(then).not_valid_after(then + datetime.timedelta(days=1)).sign(key, hashes.SHA256()))
open(sys.argv[1], "wb").write(made.public_bytes(serialization.Encoding.PEM))
PY
combine
wrong certificate 'has expired'
restore
rm "$live/chain.pem"
wrong files chain.pem
restore
sed -i '2s/^..../AAAA/' "$live/privkey.pem"
combine
wrong reference 'damaged'
restore
chmod 0644 "$live/privkey.pem"
wrong permissions 'chmod 0640'
restore
chgrp root "$live/privkey.pem"
wrong permissions 'not of the group'
wrong key 'see [state] group' --server postgresql
restore
well

# Nothing that doctor does may come from the environment of whoever types it.
OPENSSL_CONF=$BED/none.cnf well --server nginx
stop_agent
echo 'each fault found and named'
