#!/usr/bin/env bash
# A running agent: commands use its keeper, a keeper that dies or hangs is replaced, and what its rules do not allow is refused
# and logged, whoever asks.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

ask() { "$tests/ask.py" @sealring-test "$@"; }                  # a frame to the keeper, by the user we are
ask_as() { setpriv --reuid "$1" --clear-groups -- "$tests/ask.py" @sealring-test "${@:2}"; }

keeper() { pgrep -P "$agent" -f 'sealring-keeper'; }

until_new_keeper() { # OLD-PID: waits for another one to answer
  for _ in {1..600}; do
    [[ $(keeper || true) != "$1" ]] && ask hello >"$BED/out" 2>&1 && return
    sleep 0.05
  done
  cat "$BED/agent.log" >&2
  fail 'no new keeper answers'
}

init -q
cat >>"$home/sealring.toml" <<TOML
[agent]
listen = ["$BED/sign.sock", "@sealring-test"]
[[certificate]]
name = "served.test"
domains = ["served.test"]
peers = ["nobody"]
[[certificate]]
name = "unasked.test"
domains = ["unasked.test"]
TOML
"$SEALRING" --config "$home/sealring.toml" agent 2>"$BED/agent.log" &
agent=$!
until_new_keeper none

# The one keeper there is does all.
sealring -q issue --name served.test
judge served.test
[[ $(pgrep -fc 'sealring-keeper') == 1 ]] || fail 'a command started a keeper of its own beside the agent'
grep -q 'libsofthsm2' "/proc/$(keeper)/maps" || fail 'the keeper does not have the module'
! grep -q 'libsofthsm2' "/proc/$agent/maps" || fail 'the supervisor has the module loaded'

# Killed, and stopped.
for signal in KILL STOP; do
  old=$(keeper)
  kill -s "$signal" "$old"
  until_new_keeper "$old"
done
sealring -q issue --name served.test --force || fail 'no issuance after the keeper was replaced'

# The web server's user may sign handshakes with its own key, and nothing else.
nobody=$(id -u nobody)
tls13=$(printf ' %.0s' {1..64})'TLS 1.3, server CertificateVerify'
ask_as "$nobody" sign served.test "$tls13" --zero --random 32 || fail 'a handshake was refused'
expect 1 ask_as "$nobody" sign served.test 'anything else'
grep -q 'denied' "$BED/out" || fail 'no denial'
expect 1 ask_as "$nobody" digest served.test
expect 1 ask_as "$nobody" list
expect 1 ask_as "$nobody" generate served.test
# To a stranger a key that is not his and one that is not there are the same.
expect 1 ask_as 12345 sign served.test "$tls13" --zero --random 32
cp "$BED/out" "$BED/not-yours"
expect 1 ask_as 12345 sign nothing.test "$tls13" --zero --random 32
cmp "$BED/out" "$BED/not-yours" || fail 'a stranger learns which keys there are'
# Not even the manager.
expect 1 ask generate other.test
grep -q 'the operator.s files have no' "$BED/out" || fail 'a key for a name that the files do not have'
expect 1 ask retire-current served.test

# What is configured comes without a command, in the manager, which does not have the module.
kill -HUP "$agent"
for _ in {1..600}; do
  [[ ! -e $home/live/unasked.test/cert.pem ]] || break
  sleep 0.05
done
[[ -e $home/live/unasked.test/cert.pem ]] || { cat "$BED/agent.log" >&2; fail 'the agent does not issue what is configured'; }
judge unasked.test
! grep -q 'libsofthsm2' "/proc/$(pgrep -P "$agent" -f 'sealring manager')/maps" || fail 'the manager has the module loaded'

kill "$agent"
wait "$agent" || true
sealring audit verify >"$BED/out" || { cat "$BED/out" >&2; fail 'the audit log does not verify'; }
sealring audit show --denied >"$BED/denied"
for rule in tls.form tls.digest manager-only unauthorised generate.name retire.current; do
  grep -q "by $rule " "$BED/denied" || fail "no denial by $rule in the log"
done
echo 'one keeper, replaced twice; each attack refused and logged'
