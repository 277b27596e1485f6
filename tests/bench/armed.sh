#!/usr/bin/env bash
# Between requests that come at a pace the keeper's sessions stand armed, as a spy on its module sees; and never without
# arm-sessions.
# In a bed (tests/testbed/bed.sh --no-pebble); usage: armed.sh
set -euo pipefail

fail() { echo "armed.sh: $*" >&2; exit 1; }
for spy in /usr/lib{,/*}/pkcs11-spy.so; do [[ ! -e $spy ]] || break; done
[[ -e $spy ]] || { echo 'SKIPPED: no pkcs11-spy.so (opensc)'; exit 77; }

export HOME=$BED
waited() { # LINE...: of [hsm]; prints by how many milliseconds C_Sign came after its C_SignInit, at 20 requests a second: quartiles
  printf '[hsm]\nmodule = "%s"\ntoken = "%s"\npin-file = "%s"\n' "$spy" "$TOKEN" "$PIN_FILE" >"$BED/sealring.toml"
  printf 'session-copy = "always"\n' >>"$BED/sealring.toml" # no trial, during which nothing is armed
  printf 'environment = ["PKCS11SPY=%s", "PKCS11SPY_OUTPUT=%s"]\n' "$MODULE" "$BED/spy.log" >>"$BED/sealring.toml"
  printf '%s\n' "$@" '[ca]' 'directory = "https://ca.test/directory"' 'agree-tos = true' >>"$BED/sealring.toml"
  : >"$BED/spy.log"
  "$SEALRING" --config "$BED/sealring.toml" bench --layers agent --rate 20 --seconds 3 --rounds 1 --verify-every 1 \
    --json "$BED/armed.json" >"$BED/out" 2>&1 || { cat "$BED/out" >&2; fail 'the bench fails'; }
  jq -e 'all(.series[]; (.errors | length) == 0 and .unsent == 0 and .latency.count > 20)' "$BED/armed.json" >/dev/null || fail 'not all were signed'
  python3 - "$BED/spy.log" <<'PY'
import datetime, statistics, sys
begun, gaps, call = {}, [], None
for line in open(sys.argv[1], errors="replace"):
    if line.endswith((": C_SignInit\n", ": C_Sign\n")):
        call = line.split()[1]
    elif call and line.startswith("20"):
        at = datetime.datetime.fromisoformat(line.strip())
    elif call and line.startswith("[in] hSession = "):
        if call == "C_SignInit": begun[line] = at
        elif line in begun: gaps.append((at - begun.pop(line)).total_seconds() * 1000)
        call = None
print(*map(round, statistics.quantiles(gaps, n=4)))
PY
}

# On a busy machine some requests come late, and close upon each other.
read -r _ _ ahead < <(waited)
read -r _ in_time _ < <(waited 'arm-sessions = false')
echo "C_Sign came $ahead ms after its C_SignInit, and $in_time ms where nothing was to be done ahead"
(( ahead >= 25 )) || fail 'nothing was done ahead'
(( in_time < 25 )) || fail 'something was done ahead'
