#!/usr/bin/env bash
# Orders that a CA keeps open, or gives twice. Two CAs and an agent: while the first is down, or not there at all, the second
# issues; revocation and renewal ask whoever issued.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$tests/agent_lib.sh"
# shellcheck source=tests/system/scripted_ca_lib.sh
. "$tests/scripted_ca_lib.sh"

status_of() { sealring show "$1" --json | jq -r .status; }
is_of() { [[ $(sealring show "$1" --json | jq -r .directory) == "$2" ]]; } # NAME DIRECTORY
configured() { # NAME LINE...
  printf '[[certificate]]\nname = "%s"\ndomains = ["%s"]\n' "$1" "$1" >"$home/conf.d/$1.toml"
  printf '%s\n' "${@:2}" >>"$home/conf.d/$1.toml"
  kill -HUP "$agent"
}

said() { grep -q "$1" "$BED/err" || { cat "$BED/err" >&2; fail "not said: $1"; }; }

start_ca
init
mkdir -p "$home/conf.d"

# A CA that is busy as it is asked for an order says nothing about it: it may be issued already.
tell outage '{"kind": "certificate"}'
expect 1 sealring issue -d busy.test
tell outage '{"kind": "order"}'
expect 1 sealring issue -d busy.test
tell reset '{}'
expect 0 sealring issue -d busy.test
said 'going on with order'
[[ $(state '.orders | length') == 1 ]] || fail 'an order was forgotten while the CA was busy'
echo 'busy: the order is gone on with'

# One order for two certificates of the same names: one after the other.
for key in p256 rsa2048; do
  printf '[[certificate]]\nname = "%s"\nkey = "%s"\ndomains = ["both.test"]\n' "$key" "$key" >"$home/conf.d/$key.toml"
done
tell give-again '{"open": true}'
tell outage '{"kind": "finalize"}'
expect 1 sealring issue --name p256
expect 1 sealring issue --name rsa2048
said 'the CA gave the order of certificate "p256" again, for the same names; the turn of "rsa2048" is after it'
tell outage '{"kind": "finalize", "count": 0}'
for key in p256 rsa2048; do
  expect 0 sealring issue --name "$key"
  judge_by_root "$key"
done
tell reset '{}'
echo 'the same names twice: two orders'

# A challenge that a person meets, and that fails, at a CA that leaves it pending: the next run orders anew.
port=$((HTTP01_PORT + 1000)) # where the CA does not look
printf '[[certificate]]\nname = "hand"\nmanual = true\ndomains = ["127.0.0.1"]\n' >"$home/conf.d/hand.toml"
sed -i.before "/^\[http-01\]/a port = $port" "$home/sealring.toml"
tell leave-pending '{"failed": true}'
expect 1 sealring issue --name hand
read -r path body < <(sed -n 's|.*serve at http://[^/]*\(/[^ ]*\) exactly this body: \([^;]*\).*|\1 \2|p' "$BED/err" | head -n 1)
mkdir -p "$BED/www${path%/*}"
echo "$body" >"$BED/www$path"
python3 -m http.server --bind 127.0.0.1 --directory "$BED/www" "$port" >"$BED/www.log" 2>&1 7>&- 8<&- &
www=$!
await 10 bash -c ": <'/dev/tcp/127.0.0.1/$port'" 2>/dev/null
expect 1 sealring issue --name hand
said 'authorization of 127.0.0.1'
orders=$(state '.orders | length')
expect 1 sealring issue --name hand
said 'is not met yet'
[[ $(state '.orders | length') == $((orders + 1)) ]] || fail 'an order whose challenge has failed is gone on with'
kill "$www"
tell reset '{}'
rm "$home/conf.d/hand.toml"
mv "$home/sealring.toml.before" "$home/sealring.toml"
echo 'failed by hand: ordered anew'

mkfifo "$BED/second.in" "$BED/second.out"
/usr/bin/python3 "$tests/scripted_ca" "$BED/second" --http01-port "$HTTP01_PORT" <"$BED/second.in" >"$BED/second.out" 7>&- 8<&- &
exec 5>"$BED/second.in" 6<"$BED/second.out"
read -r -t 30 second _ second_mgmt <&6 || fail 'the second CA does not start'
cat >>"$home/sealring.toml" <<TOML
[fallback]
directory = "$second"
ca-file = "$BED/second/tls-ca.pem"
agree-tos = true
TOML
start_agent 7>&- 8<&- 5>&- 6<&- # which else would keep the CAs alive
await_line 'manager ready'

# Down: who may go to the second does.
tell outage '{"kind": "newOrder"}'
configured waits.test
configured down.test 'fallback = true'
await 20 is_of down.test "$second"
await_line 'down.test was not issued, and the second CA is asked: .*down, as told'
await_line 'issued down.test'
openssl verify -CAfile "$BED/second/root.pem" -untrusted "$home/live/down.test/chain.pem" "$home/live/down.test/cert.pem" >/dev/null ||
  fail 'down.test is not of the second CA'
[[ $(status_of waits.test) == missing ]] || fail 'a certificate without fallback is not missing'
tell reset '{}'
kill -HUP "$agent"
await 20 is_of waits.test "$DIRECTORY"
is_of down.test "$second" || fail 'what serves was ordered anew'
echo 'down: the second CA issues, for those that may'

# Each has its account, and revokes what it has issued.
[[ $(sealring account show --json --directory "$second" | jq -r .status) == valid ]] || fail 'no account at the second CA'
sealring -q revoke down.test || fail 'it cannot be revoked'
curl -sf --noproxy '*' "$second_mgmt/" | jq -e 'any(.certificates[]; .names == ["down.test"] and .revoked != null)' >/dev/null ||
  fail 'the second CA was not asked to revoke'
echo 'revoked by whoever issued'

# Not there at all.
stop_ca
configured gone.test 'fallback = true'
await 20 is_of gone.test "$second"
echo 'not there: the second CA issues'

stop_agent
exec 5>&- 6<&-
