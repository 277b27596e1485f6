#!/usr/bin/env bash
# Between requests that come at a pace the keeper's sessions stand armed, as a spy on its module sees; in a hurry nothing is done
# ahead, and never without arm-sessions.
# In a bed (tests/testbed/bed.sh --no-pebble); usage: armed.sh
set -euo pipefail

fail() { echo "armed.sh: $*" >&2; exit 1; }
for spy in /usr/lib{,/*}/pkcs11-spy.so; do [[ ! -e $spy ]] || break; done
[[ -e $spy ]] || { echo 'SKIPPED: no pkcs11-spy.so (opensc)'; exit 77; }

export HOME=$BED
paced() { # LINE...: of [hsm]; prints how often C_SignInit and C_Sign were called
  printf '[hsm]\nmodule = "%s"\ntoken = "%s"\npin-file = "%s"\n' "$spy" "$TOKEN" "$PIN_FILE" >"$BED/sealring.toml"
  printf 'environment = ["PKCS11SPY=%s", "PKCS11SPY_OUTPUT=%s"]\n' "$MODULE" "$BED/spy.log" >>"$BED/sealring.toml"
  printf '%s\n' "$@" '[ca]' 'directory = "https://ca.test/directory"' 'agree-tos = true' >>"$BED/sealring.toml"
  : >"$BED/spy.log"
  "$SEALRING" --config "$BED/sealring.toml" bench --layers agent --rate 20 --seconds 3 --rounds 1 --verify-every 1 \
    --json "$BED/armed.json" >"$BED/out" 2>&1 || { cat "$BED/out" >&2; fail 'the bench fails'; }
  jq -e '[.series[] | (.errors | length) == 0 and .latency.count > 20] | all' "$BED/armed.json" >/dev/null || fail 'not all were signed'
  grep -c ': C_SignInit$' "$BED/spy.log"
  grep -c ': C_Sign$' "$BED/spy.log"
}

# The last signature has left a session armed: one that nothing was signed with.
mapfile -t count < <(paced)
(( count[0] == count[1] + 1 )) || fail "C_SignInit ${count[0]} times, C_Sign ${count[1]}: nothing was done ahead"
mapfile -t count < <(paced 'arm-sessions = false')
(( count[0] == count[1] )) || fail "C_SignInit ${count[0]} times, C_Sign ${count[1]}, and nothing was to be done ahead"
