#!/usr/bin/env bash
# sealring bench, interrupted once and twice.
# In a bed (tests/testbed/bed.sh --no-pebble); usage: interrupts.sh
set -euo pipefail

fail() { echo "interrupts.sh: $*" >&2; exit 1; }
objects() { pkcs11-tool --module "$MODULE" --token-label "$TOKEN" --login --pin "$(<"$PIN_FILE")" --list-objects 2>/dev/null; }

export HOME=$BED
objects >"$BED/before"

# Interrupted, it reports what it has.
"$SEALRING" bench --module "$MODULE" --token "$TOKEN" --pin-file "$PIN_FILE" --layers raw --seconds 60 \
  --json "$BED/interrupted.json" >/dev/null &
interrupted=$!
# A shell's background job ignores the signal until the program minds it.
minds() { (( 0x$(awk '/^SigCgt/ { print $2 }' "/proc/$interrupted/status") & 1 << 1 )); }
# Its two objects are counted from outside: SoftHSM fails a process that makes a key while another one searches.
stored() { find "$(awk '/^directories.tokendir/ { print $3 }' "$SOFTHSM2_CONF")" -name '*.object' | wc -l; }
stored_before=$(stored)
until minds && (( $(stored) >= stored_before + 2 )); do
  kill -0 "$interrupted" || fail 'a run ends before it is interrupted'
  sleep 0.1
done
sleep 0.5 # the objects' attributes come after their files
kill -INT "$interrupted"
wait "$interrupted" && fail 'an interrupted run counts as a whole one'
[[ -s $BED/interrupted.json ]] || fail 'an interrupted run reports nothing'

objects >"$BED/after"
cmp "$BED/before" "$BED/after" || fail 'the token is not as it was'

# A second interrupt ends at once what does not end: a request to an agent that is stopped, all of it, for it would replace a
# keeper that is. What may be left is named.
"$SEALRING" bench --module "$MODULE" --token "$TOKEN" --pin-file "$PIN_FILE" --layers agent --seconds 60 --rounds 1 >/dev/null 2>"$BED/err" &
interrupted=$!
keeper='' busy=0
until [[ $keeper ]] && (( busy > 20 )); do # hundredths of a second of CPU: it signs
  kill -0 "$interrupted" || { cat "$BED/err" >&2; fail 'a run ends before it is interrupted'; }
  sleep 0.1
  agent=$(pgrep -P "$interrupted") && keeper=$(pgrep -P "$agent" -f keeper) || continue
  busy=$(awk '{ print $14 + $15 }' "/proc/$keeper/stat")
done
kill -STOP "$agent" "$keeper"
kill -INT "$interrupted"
sleep 3
kill -0 "$interrupted" || fail 'the agent is stopped, and the run ends'
kill -INT "$interrupted"
status=0
wait "$interrupted" || status=$?
kill -CONT "$agent" "$keeper"
[[ $status == 1 ]] || fail "a run that is interrupted twice exits $status"
grep -q 'these may be left in the token: .*sealring-bench-p256-' "$BED/err" || { cat "$BED/err" >&2; fail 'what is left is not named'; }
