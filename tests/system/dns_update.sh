#!/usr/bin/env bash
# dns-01 and dns-account-01 by updates of a real name server's zones: made, seen, deleted; and each way to fail says what to do.
# usage: PROBE=solver_probe bed.sh --no-pebble dns_update.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

command -v knotd kdig >/dev/null || { echo 'SKIPPED: no knotd or kdig (tests/testbed/packages.sh installs them)'; exit 77; }
port=$TLS_PORT
dns=$BED/dns
mkdir -p "$dns/zones" "$dns/run" "$dns/db"

secret=$(openssl rand -base64 32)
other=$(openssl rand -base64 32)
cat >"$dns/knot.conf" <<END
server:
  rundir: "$dns/run"
  listen: 127.0.0.1@$port
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
template:
  - id: default
    storage: "$dns/zones"
    journal-content: none
    zonefile-load: whole
zone:
  - domain: example.test
    acl: updates
  - domain: sub.example.test
    acl: updates
  - domain: fixed.test
END
zone() { # NAME: SOA, NS, and the records from the standard input
  { printf '$ORIGIN %s.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n' "$1"; cat; } >"$dns/zones/$1.zone"
}
zone example.test <<'END'
sub NS ns.sub
ns.sub A 127.0.0.1
_acme-challenge.alias CNAME target.sub
_acme-challenge.loop CNAME loop
loop CNAME _acme-challenge.loop
strict CAA 0 issue "other.example"
bound CAA 0 issue "ca.example; accounturi=https://ca.example/acct/1; validationmethods=dns-01"
END
zone sub.example.test </dev/null
zone fixed.test </dev/null

knotd -c "$dns/knot.conf" >"$dns/log" 2>&1 &
knot=$!
trap 'kill "$knot" 2>/dev/null || true' EXIT
ask() { kdig @127.0.0.1 -p "$port" +short +retry=0 +timeout=1 "$@" 2>/dev/null; }
tries=0
until [[ $(ask fixed.test SOA) == ns* && $(ask sub.example.test SOA) == ns* ]]; do
  kill -0 "$knot" 2>/dev/null && (( ++tries < 200 )) || { cat "$dns/log" >&2; fail 'knotd did not start'; }
  sleep 0.05
done

echo "$secret" >"$BED/tsig"
echo "$other" >"$BED/tsig.other"
chmod 600 "$BED/tsig" "$BED/tsig.other"
configure() { # KEY=VALUE...: what [dns-01] has beside or instead of the usual
  local -A dns01=([server]="\"127.0.0.1:$port\"" [tsig-name]='"updater"' [tsig-key-file]="\"$BED/tsig\"" [propagation]='"2s"')
  local pair
  for pair in "$@"; do dns01[${pair%%=*}]=${pair#*=}; done
  {
    printf '[hsm]\nmodule = "%s"\ntoken = "%s"\n[ca]\ndirectory = "https://ca.example/dir"\n' "$MODULE" "$TOKEN"
    printf '[dns]\nresolver = "127.0.0.1:%s"\n[dns-01]\n' "$port"
    for pair in "${!dns01[@]}"; do echo "$pair = ${dns01[$pair]}"; done
    printf '[[certificate]]\nname = "%s"\ndomains = ["example.test"]\nchallenge = "%s"\n' \
      one dns-01 two dns-01 account dns-account-01
    printf '[[certificate]]\nname = "hand"\ndomains = ["example.test"]\nchallenge = "dns-01"\nmanual = true\n'
  } >"$BED/sealring.toml"
}
probe() { "$PROBE" "$BED/sealring.toml" "$@"; }
says() { # TEXT COMMAND...: the last step fails, and with this text
  expect 1 "${@:2}"
  grep -qF -- "$1" "$BED/out" || { cat "$BED/out" >&2; fail "not said: $1"; }
}

configure
# Made, seen, deleted; two values beside each other (a wildcard and its domain), of which only one goes.
expect 0 probe one www.example.test present look
[[ $(ask _acme-challenge.www.example.test TXT | wc -l) == 1 ]] || fail 'no record was made'
expect 0 probe two www.example.test present look
[[ $(ask _acme-challenge.www.example.test TXT | wc -l) == 2 ]] || fail 'there are not two records'
expect 0 probe one www.example.test clean-up # in another process than it was made
[[ $(ask _acme-challenge.www.example.test TXT | wc -l) == 1 ]] || fail 'not just one record was deleted'
expect 0 probe two www.example.test look clean-up clean-up
[[ ! $(ask _acme-challenge.www.example.test TXT) ]] || fail 'a record stayed'

expect 0 probe account www.example.test present look
[[ $(ask "$(printf %s https://ca.example/acct/1 | openssl dgst -sha256 -binary | head -c 10 | base32 | tr 'A-Z' 'a-z' | sed 's/^/_/')._acme-challenge.www.example.test" TXT) ]] ||
  fail 'dns-account-01 made another name'
expect 0 probe account www.example.test clean-up

# A delegated zone, and a CNAME into it.
expect 0 probe one alias.example.test present look
[[ $(ask target.sub.example.test TXT) ]] || fail 'the CNAME was not followed'
expect 0 probe one alias.example.test clean-up
[[ ! $(ask target.sub.example.test TXT) ]] || fail 'the record behind the CNAME stayed'
says 'break the loop' probe one loop.example.test present

# What is not there is told, and by which server.
says 'ns.example.test (127.0.0.1) does not have it' probe one www.example.test look
expect 0 probe two www.example.test present
says 'shows other values only (1)' probe one www.example.test look
says 'create the record _acme-challenge.www.example.test. IN TXT' probe hand www.example.test present look
expect 0 probe two www.example.test clean-up

# CAA.
says 'CAA at "strict.example.test" forbids' probe one www.strict.example.test caa
says 'other methods' probe account bound.example.test caa
expect 0 probe one bound.example.test caa
expect 0 probe one www.example.test caa

# Wrong keys, zones, servers.
configure "tsig-key-file=\"$BED/tsig.other\""
says BADSIG probe one www.example.test present
configure 'tsig-name="unknown"'
says BADKEY probe one www.example.test present
configure 'tsig-algorithm="hmac-sha512"'
says BADKEY probe one www.example.test present
echo 'not base64!' >"$BED/tsig.other"
configure "tsig-key-file=\"$BED/tsig.other\""
says 'holds its secret in base64' probe one www.example.test present
configure 'zone="fixed.test"'
says 'is not in the zone "fixed.test"' probe one www.example.test present
configure 'zone="www.example.test"'
says 'NOTAUTH: it is not the primary' probe one www.example.test present
configure
says 'does not let it update the zone' probe one www.fixed.test present # by no acl; Knot calls that BADKEY too
configure "server=\"127.0.0.2:$port\""
says 'see that it runs' probe one www.example.test present

# Nobody answers: what was not seen is no failure, but a note.
kill "$knot"
wait "$knot" || true
configure
expect 0 probe one www.example.test look caa
grep -q '^note: .*going on' "$BED/out" || { cat "$BED/out" >&2; fail 'no note that nobody could be asked'; }
says 'see that it runs' probe one www.example.test present
! grep -rqF "$secret" "$dns/log" "$BED/out" "$BED/err" || fail 'the secret is in an output'
