#!/usr/bin/env bash
# A token that is not there, that fails every signature, whose module was finalised, or that hangs: callers have a typed answer,
# at once where it is known; the log has one line for it; and service comes back with the token, by itself.
# usage: SHIM=sealring_pkcs11_shim.so CLIENTS=keeper_clients bed.sh --no-pebble outage.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$tests/agent_lib.sh"

faults=$BED/faults # read by the shim at each call
configure "environment = [\"SHIM_MODULE=$MODULE\", \"SHIM_FAIL_FILE=$faults\"]"
trouble='answers, and does no more'

refused() { # MILLISECONDS: a typed answer by then
  clients once >"$BED/out" && fail 'a signature from a token that is down'
  (( $(cut -d' ' -f1 "$BED/out") < $1 * ${SEALRING_SLACK:-1} )) || fail "an answer after $(<"$BED/out")"
}

status_says() { # JQ-CONDITION
  sealring status --json >"$BED/status" || [[ $? == 1 ]] || fail 'no status'
  jq -e ".hsm | $1" "$BED/status" >/dev/null
}

# Not there at the start.
mv "$BED/token/tokens" "$BED/token/away"
mkdir "$BED/token/tokens"
start_agent
await_line "$trouble"
refused 1500
grep -q 'has no initialised token' "$BED/out" || fail "the answer does not say what is wrong: $(<"$BED/out")"
await 10 status_says '.up == false and (.trouble | contains("has no initialised token"))'
rmdir "$BED/token/tokens"
mv "$BED/token/away" "$BED/token/tokens"
kill -HUP "$agent" # it looks by itself, too, every 5 s
await_line 'keeper ready'
clients make
clients once
await 10 status_says '.up and (has("trouble") | not)'
echo 'a token that comes late: found'

# Every signature fails: the latch, the new process, one line.
said=$(lines "$trouble") ready=$(lines 'keeper ready') started=$(lines 'keeper started as')
old=$(keeper)
echo C_Sign:0:0x30 >"$faults"
new_keeper() { clients once >"$BED/out" && fail 'a signature'; local now; now=$(keeper) && [[ $now != "$old" ]]; }
await 30 new_keeper
for _ in {1..50}; do refused 1500; done
grep -q CKR_DEVICE_ERROR "$BED/out" || fail "the answer does not say what is wrong: $(<"$BED/out")"
[[ $(lines "$trouble") == $((said + 1)) && $(lines 'keeper ready') == "$ready" && $(lines 'keeper started as') == "$started" ]] ||
  { cat "$BED/agent.log" >&2; fail 'more than a line for an outage'; }
await 10 status_says '.up == false and (.trouble | contains("CKR_DEVICE_ERROR"))'
rm "$faults"
await_line 'keeper ready' $((ready + 1))
clients once
echo 'a token that fails: one line, a new process, back by itself'

# A failure that passes by leaves the process in place.
old=$(keeper)
echo C_Sign:0:0x30 >"$faults"
refused 1900
rm "$faults"
await 10 clients once >/dev/null
[[ $(keeper) == "$old" ]] || fail 'a new process for a failure that passed by'
await_line 'keeper ready again'

# A module that says that it was finalised: nothing but a new process helps.
ready=$(lines 'keeper ready')
echo C_SignInit:0:0x190 >"$faults"
refused 1900
rm "$faults"
await_line 'keeper ready' $((ready + 1))
[[ $(keeper) != "$old" ]] || fail 'the module was not loaded anew'
clients once
echo 'a module that was finalised: a new process'

# A module that hangs: the caller has its answer at its deadline, the supervisor kills, the next keeper is well.
echo C_Sign:0:hang >"$faults"
refused 4000
await_line 'silent for'
# While the next one hangs in opening the token, who calls is told: the first after a moment, those that follow at once.
refused 4000
refused 1500
grep -q 'takes its time' "$BED/out" || fail "the answer does not say what is wrong: $(<"$BED/out")"
asked=$SECONDS
status_says '.up == false and has("trouble")' || fail "a token that is being opened is up: $(<"$BED/status")"
(( SECONDS - asked <= 5 * ${SEALRING_SLACK:-1} )) || fail 'status waits for the token'
rm "$faults"
await 30 clients once >/dev/null
echo 'a module that hangs: killed, and answers meanwhile'
stop_agent
