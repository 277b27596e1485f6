#!/usr/bin/env bash
# sealring bench --operations and --fault: what else a token takes time for, and what comes of an agent whose keeper is killed.
# In a bed (tests/testbed/bed.sh --no-pebble); usage: operations.sh
set -euo pipefail

here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")

fail() { echo "operations.sh: $*" >&2; exit 1; }
bench() { "$SEALRING" bench --module "$MODULE" --token "$TOKEN" --pin-file "$PIN_FILE" "$@"; }
objects() { pkcs11-tool --module "$MODULE" --token-label "$TOKEN" --login --pin "$(<"$PIN_FILE")" --list-objects 2>/dev/null; }

export HOME=$BED
objects >"$BED/before"

bench --operations session,login,find,generate --key-type p256,ed25519 --json "$BED/operations.json" --csv "$BED/operations.csv" \
  --report "$BED/operations.html" >"$BED/table"
grep -q '^find by CKA_ID .*beside 1000 session keys more' "$BED/table" || { cat "$BED/table" >&2; fail 'nothing is found among 1,000 keys'; }
grep -q 'beside 1000 session keys more' "$BED/operations.csv" || fail 'the CSV has no operations'
grep -q 'beside 1000 session keys more' "$BED/operations.html" || fail 'the page has no operations'
python3 - "$root/docs/bench.schema.json" "$BED/operations.json" <<'PY'
import json, sys, jsonschema
schema, operations = (json.load(open(name)) for name in sys.argv[1:])
jsonschema.validate(operations, schema)
# A busy machine may take too long to make the last 9,000 keys.
late = [l["where"] for l in operations["left_out"]]
assert not operations["series"] and late in ([], ["beside 10000 session keys more"]), late
times = {(o["name"], o["where"]): o["time"] for o in operations["operations"]}
assert len(times) + len(late) == 2 * 3 + 2 + 6 + 2 and all(t["count"] > 0 for t in times.values()), times.keys()
assert times["login", "once, and the record of tries"]["count"] == 1
PY

# A keeper that is killed, and what comes of it.
bench --layers agent --rate 200 --seconds 3 --rounds 1 --fault kill-keeper@0.5 --json "$BED/fault.json" >"$BED/table"
python3 - "$root/docs/bench.schema.json" "$BED/fault.json" <<'PY'
import json, sys, jsonschema
schema, report = (json.load(open(name)) for name in sys.argv[1:])
jsonschema.validate(report, schema)
[series] = report["series"]
[course] = series["courses"]
assert course["struck_seconds"] >= 0.5 and course["recovered_seconds"] > 0, course
assert sum(m[0] for m in course["moments"]) == series["latency"]["count"]
PY
grep -q 'kill-keeper@0.5  agent  *[0-9]' "$BED/table" || { cat "$BED/table" >&2; fail 'the table has no fault'; }

objects >"$BED/after"
cmp "$BED/before" "$BED/after" || fail 'the token is not as it was'
