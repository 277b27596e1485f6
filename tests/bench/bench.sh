#!/usr/bin/env bash
# sealring bench, from end to end on a token: every layer that is there, every form of report, and nothing left behind.
# In a bed (tests/testbed/bed.sh --no-pebble); usage: bench.sh
set -euo pipefail

here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")

each=0.06 # seconds
fail() { echo "bench.sh: $*" >&2; exit 1; }
bench() { "$SEALRING" bench --module "$MODULE" --token "$TOKEN" --pin-file "$PIN_FILE" --seconds "$each" --rounds 5 "$@"; }
objects() { pkcs11-tool --module "$MODULE" --token-label "$TOKEN" --login --pin "$(<"$PIN_FILE")" --list-objects 2>/dev/null; }
refuses() { # STATUS TEXT ARGUMENT...
  local status=0
  bench "${@:3}" >"$BED/out" 2>"$BED/err" || status=$?
  [[ $status == "$1" ]] || { cat "$BED/err" >&2; fail "exits $status, not $1: ${*:3}"; }
  grep -q -- "$2" "$BED/err" || { cat "$BED/err" >&2; fail "does not say '$2': ${*:3}"; }
}

export HOME=$BED
pkcs11-tool --module "$MODULE" --token-label "$TOKEN" --login --pin "$(<"$PIN_FILE")" --keypairgen --key-type EC:prime256v1 \
  --label theirs --id 01 >/dev/null 2>&1
objects >"$BED/before"

bench --threads 1,2 --json "$BED/a.json" --csv "$BED/a.csv" \
  --report "$BED/a.html" >"$BED/table"
python3 - "$root/docs/bench.schema.json" "$BED/a.json" <<'PY'
import json, sys, jsonschema
schema, report = (json.load(open(name)) for name in sys.argv[1:])
jsonschema.Draft202012Validator.check_schema(schema)
jsonschema.validate(report, schema)
# Those of others, and our provider, may not be on this machine: then it is said.
there = {s["layer"] for s in report["series"]}
assert there >= {"libcrypto", "raw", "raw-copy", "hsm", "agent", "agent-pipelined", "tls-libcrypto"}, there
assert there | {l["layer"] for l in report["left_out"]} >= there | {"p11-kit", "libp11", "pkcs11-provider", "sealring-provider", "tls-pkcs11-provider",
                                                                   "tls-sealring-provider"}
assert len(report["series"]) == 2 * len(there)
for s in report["series"]:
    assert s["latency"]["count"] == sum(n for _, n in s["latency"]["buckets"]) == sum(t["made"] for t in s["slices"]) > 0, s["layer"]
    assert not s["errors"] and s["client_cpu_us"] > 0, (s["layer"], s["errors"])
    assert (s["server_cpu_us"] > 0) == (s["layer"] == "p11-kit" or s["layer"].startswith("agent") or s["layer"].endswith("sealring-provider")), s["layer"]
PY
(( $(wc -l <"$BED/a.csv") == 1 + $(jq '.series | length' "$BED/a.json") )) || fail 'the CSV has not a line a series'
grep -q '</html>' "$BED/a.html" || fail 'the page has no end'
grep -q '^p256, 2 threads, up to 8 in flight  raw-copy  ' "$BED/table" || { cat "$BED/table" >&2; fail 'a line of the table is missing'; }

# Kinds of key, loads, a key that is there.
bench --layers raw,hsm --key-type p256,p384,p521,rsa2048,rsa2048-pkcs1,ed25519 --verify-every 1 --json "$BED/kinds.json" >/dev/null
bench --layers tls-libcrypto --key-type p256,p384,p521,rsa2048,ed25519 --verify-every 1 --json "$BED/tls.json" >/dev/null
refuses 1 'no signatures of PKCS#1 v1.5' --layers tls-libcrypto --key-type rsa2048-pkcs1
bench --layers raw,libcrypto --rate 200 --ramp --threads 2 --sessions 1,3 --json "$BED/load.json" >/dev/null
each=0.2 bench --layers raw --ramp --key theirs --json "$BED/ramp.json" >/dev/null
bench --layers raw,hsm --mechanism combined --key-type rsa2048-pkcs1 --json "$BED/combined.json" >/dev/null
python3 - "$root/docs/bench.schema.json" "$BED"/{kinds,tls,load,ramp,combined}.json <<'PY'
import json, sys, jsonschema
schema, kinds, tls, load, ramp, combined = (json.load(open(name)) for name in sys.argv[1:])
for report in kinds, tls, load, ramp, combined:
    jsonschema.validate(report, schema)
for report, number in (kinds, 12), (tls, 5):
    assert len(report["series"]) == number
    assert all(s["verified"] == s["latency"]["count"] > 0 and not s["errors"] for s in report["series"])
assert len(load["series"]) == 4 and all("service" in s and s["rate"] == 200 for s in load["series"])
assert ramp["knees"][0]["capacity"] > 0 and any(s["ramp"] for s in ramp["series"])
assert [s["layer"] for s in combined["series"]] == ["raw"] and combined["left_out"][0]["layer"] == "hsm"
PY

objects >"$BED/after"
cmp "$BED/before" "$BED/after" || fail 'the token is not as it was'

# Two reports.
"$SEALRING" bench compare "$BED/a.json" "$BED/a.json" >"$BED/same" || fail 'a report differs from itself'
python3 - "$BED/a.json" "$BED/slow.json" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
for s in report["series"]:
    for t in s["slices"]:
        t["seconds"] *= 10
json.dump(report, open(sys.argv[2], "w"))
PY
status=0
"$SEALRING" bench compare "$BED/a.json" "$BED/slow.json" >"$BED/slower" || status=$?
[[ $status == 1 ]] || fail "a tenth of the rate exits $status"
grep -q worse "$BED/slower" || fail 'a tenth of the rate is not worse'
"$SEALRING" bench compare "$BED/slow.json" "$BED/a.json" >/dev/null || fail 'what became faster counts as a regression'

# What is asked wrongly.
refuses 2 'unknown layer "row"; choose from libcrypto, raw' --layers row
refuses 2 'unknown key type "p265"' --key-type p265
refuses 2 '--threads' --threads 0
refuses 1 'this machine has' --cpu 1000
refuses 2 'a fault is kill-keeper@SECOND' --fault stall@1
refuses 1 'each slice ends after 0.01 s' --fault stall@1,1 --rate 100
refuses 1 '--fault wants an open loop' --fault kill-keeper@0
refuses 1 'nothing of what was asked for' --layers raw --rate 100 --fault kill-keeper@0.01
refuses 1 'no p521 keys' --layers agent --key-type p521
refuses 1 'is p256, not rsa2048' --layers raw --key theirs --key-type rsa2048
refuses 1 'has no key labelled' --layers raw --key nobody

# Reports that go elsewhere, or nowhere: the figures are shown all the same.
bench --layers libcrypto --json /dev/stdout | grep '^{' | jq -e '.series | length == 1' >/dev/null || fail 'no report on /dev/stdout'
for form in json csv report; do
  refuses 1 "$BED/nowhere" --layers libcrypto "--$form" "$BED/nowhere/report"
  grep -q '  libcrypto  ' "$BED/out" || fail "no figures where --$form cannot be written"
done
status=0
"$SEALRING" bench compare "$BED/before" "$BED/a.json" 2>"$BED/err" || status=$?
[[ $status == 1 ]] || fail "a file that is no report exits $status"
