#!/usr/bin/env bash
# Every way to prove a name: each by the CA that looks, and before it by our own look; the records in a real name server.
# usage: OWN_DNS=1 bed.sh [--pebble VERSION] challenges.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$tests/agent_lib.sh"

command -v knotd kdig knsupdate >/dev/null || { echo 'SKIPPED: no knotd, kdig or knsupdate (tests/testbed/packages.sh installs them)'; exit 77; }
echo "$PEBBLE"
dns=$BED/dns
mkdir -p "$dns/run" "$dns/db" "$home/conf.d"

# --- The name server, which CA and agent ask

secret=$(openssl rand -base64 32)
echo "$secret" >"$BED/tsig"
chmod 600 "$BED/tsig"
cat >"$dns/knot.conf" <<END
server:
  rundir: "$dns/run"
  listen: 127.0.0.1@$DNS_PORT
database:
  storage: "$dns/db"
log:
  - target: stderr
    any: info
key:
  - id: updater
    algorithm: hmac-sha256
    secret: "$secret"
acl:
  - id: updates
    key: updater
    action: update
zone:
  - domain: test
    file: "$dns/test.zone"
    journal-content: none
    zonefile-load: whole
    acl: updates
END
cat >"$dns/test.zone" <<'END'
$ORIGIN test.
$TTL 1
@ SOA ns hostmaster 1 3600 600 86400 1
@ NS ns
* A 127.0.0.1
ns A 127.0.0.1
wild A 127.0.0.1
_acme-challenge.alias CNAME proofs.of.alias
_acme-challenge.hook-alias CNAME hook.proofs
strict CAA 0 issue "other.example"
END
knotd -c "$dns/knot.conf" >"$dns/log" 2>&1 &
knot=$!
trap 'kill "$knot" 2>/dev/null || true' EXIT
ask() { kdig @127.0.0.1 -p "$DNS_PORT" +short +retry=0 +timeout=1 "$@" 2>/dev/null; }
await 10 bash -c "kdig @127.0.0.1 -p $DNS_PORT +short +retry=0 +timeout=1 test SOA 2>/dev/null | grep -q ^ns"

# A record by hand: what a person or a hook does.
cat >"$BED/record" <<END
#!/bin/sh
# present|clean-up NAME VALUE
[ "\$1" = present ] && verb="add \$2. 1" || verb="del \$2."
printf 'server 127.0.0.1 $DNS_PORT\nzone test.\nupdate %s TXT "%s"\nsend\n' "\$verb" "\$3" | knsupdate -y "hmac-sha256:updater:$secret"
echo "\$1 \$2" >>"$BED/hook.log"
END
chmod 700 "$BED/record"

# --- The configuration

configure() { # HTTP-01-LINE DNS-01-LINES
  cat >"$home/sealring.toml" <<END
[hsm]
module = "$MODULE"
token = "$TOKEN"
pin-file = "$PIN_FILE"
[ca]
directory = "$DIRECTORY"
ca-file = "$CA_FILE"
agree-tos = true
[http-01]
listen = "$HTTP01"
port = ${HTTP01##*:}
$1
[tls-alpn-01]
listen = "127.0.0.1:${TLSALPN01_PORT:-5001}"
port = ${TLSALPN01_PORT:-5001}
[dns]
resolver = "127.0.0.1:$DNS_PORT"
[dns-01]
$2
END
}
by_update="server = \"127.0.0.1:$DNS_PORT\"
tsig-name = \"updater\"
tsig-key-file = \"$BED/tsig\""

certificate() { # NAME CHALLENGE DOMAINS [LINE...]
  printf '%s\n' '[[certificate]]' "name = \"$1\"" "challenge = \"$2\"" "domains = [$3]" "${@:4}" >"$home/conf.d/$1.toml"
}
names_in() { # NAME: of the certificate
  openssl x509 -in "$home/live/$1/cert.pem" -noout -ext subjectAltName | grep -oE '(DNS|IP Address):[^,]*' | sort | paste -sd ' '
}
issue() { # NAME NAMES
  expect 0 sealring issue --name "$1"
  # Name servers that no update goes to are looked for on port 53, where a bed has none.
  [[ $1 == hook* ]] || ! grep -q 'going on, for' "$BED/err" || { cat "$BED/err" >&2; fail "$1: our own look saw nothing"; }
  judge "$1" >/dev/null
  [[ $(names_in "$1") == "$2" ]] || fail "$1: for $(names_in "$1"), not $2"
}

configure '' "$by_update"
sealring init >/dev/null

# --- By listeners of our own

certificate http http-01 '"www.http.test", "http.test"'
issue http 'DNS:http.test DNS:www.http.test'
certificate alpn tls-alpn-01 '"alpn.test"'
issue alpn DNS:alpn.test
certificate address http-01 '"127.0.0.1"'
issue address 'IP Address:127.0.0.1'
certificate alpn-address tls-alpn-01 '"127.0.0.1"'
issue alpn-address 'IP Address:127.0.0.1'
certificate mixed http-01 '"mixed.test", "127.0.0.1"'
issue mixed 'DNS:mixed.test IP Address:127.0.0.1'

# --- By updates

certificate wild dns-01 '"*.wild.test", "wild.test"'
issue wild 'DNS:*.wild.test DNS:wild.test'
certificate alias dns-01 '"alias.test"'
issue alias DNS:alias.test
certificate mixed-dns dns-01 '"mixed-dns.test", "127.0.0.1"' # an address has no records
issue mixed-dns 'DNS:mixed-dns.test IP Address:127.0.0.1'
if [[ $PEBBLE != 'pebble 2.4'* ]]; then
  certificate by-account dns-account-01 '"by-account.test"'
  issue by-account DNS:by-account.test
  # What would fail at the CA is told before it is asked, where it says which name it has in CAA.
  certificate strict dns-01 '"strict.test"'
  expect 1 sealring issue --name strict
  grep -q 'CAA at "strict.test" forbids' "$BED/err" || { cat "$BED/err" >&2; fail 'CAA was not looked at'; }
  rm "$home/conf.d/strict.toml"
fi
for name in _acme-challenge.{wild,mixed-dns}.test proofs.of.alias.test; do
  [[ ! $(ask "$name" TXT) ]] || fail "a record stayed at $name"
done

# --- By a web server's folder, and by a command

mkdir "$BED/www"
python3 -m http.server --bind 127.0.0.1 --directory "$BED/www" "${HTTP01##*:}" >"$BED/www.log" 2>&1 &
www=$!
await 10 bash -c ": <'/dev/tcp/127.0.0.1/${HTTP01##*:}'" 2>/dev/null
by_hook="hook = [\"$BED/record\"]"
configure "webroot = \"$BED/www\"" "$by_hook"
certificate webroot http-01 '"webroot.test"'
issue webroot DNS:webroot.test
grep -q 'GET /.well-known/acme-challenge/.* 200' "$BED/www.log" || fail 'the web server was not asked'
[[ ! $(ls -A "$BED/www") ]] || fail 'something stayed in the web root'
kill "$www"
certificate hook dns-01 '"hook.test", "*.hook.test"'
issue hook 'DNS:*.hook.test DNS:hook.test'
[[ $(grep -c '^present _acme-challenge.hook.test' "$BED/hook.log") == 2 &&
  $(grep -c '^clean-up _acme-challenge.hook.test' "$BED/hook.log") == 2 ]] || { cat "$BED/hook.log" >&2; fail 'the hook was not run for both'; }
[[ ! $(ask _acme-challenge.hook.test TXT) ]] || fail 'the hook was not run to clean up'
# Where a CNAME leads, the command makes records only in a zone that the operator has named.
certificate hook-alias dns-01 '"hook-alias.test"'
expect 4 sealring issue --name hook-alias
grep -q 'set "zone" in \[dns-01\]' "$BED/err" || { cat "$BED/err" >&2; fail 'not said how a hook may follow a CNAME'; }
configure '' "$by_hook"$'\nzone = "Proofs.test."'
issue hook-alias DNS:hook-alias.test
grep -q '^clean-up hook.proofs.test' "$BED/hook.log" || { cat "$BED/hook.log" >&2; fail 'the hook was not run where the CNAME leads'; }

# --- By a person, asked by the agent

configure '' "$by_update"
start_agent
await_line 'manager ready'
certificate hand dns-01 '"hand.test"' 'manual = true'
expect 1 sealring issue --name hand
said=$(grep -o 'create the record [^ ]*\. IN TXT "[^"]*"' "$BED/err" | head -n 1)
[[ $said ]] || { cat "$BED/err" >&2; fail 'not said which record to create'; }
read -r _ _ _ name _ _ value <<<"$said"
"$BED/record" present "${name%.}" "${value//\"/}"
sealring -q issue --name hand >/dev/null || [[ $? == 3 ]] || fail 'what was created by hand is not seen' # 3: the agent was faster
judge hand
stop_agent

! grep -rqF "$secret" "$dns/log" "$BED/agent.log" "$BED/out" "$BED/err" || fail 'the secret is in an output'
echo 'each challenge was met, and nothing of it stayed'
