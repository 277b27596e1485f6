#!/usr/bin/env bash
# What an agent with many certificates, and their keys in the token, costs while nothing is due: memory, start, and the
# processor's time.
# usage: bench/manager.sh [--certificates N] [--idle SECONDS]
set -euo pipefail

here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/..")
certificates=10000 idle=60
arguments=("$@")
while (($#)); do
  case $1 in
    --certificates) certificates=$2; shift 2 ;;
    --idle) idle=$2; shift 2 ;;
    *) sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2 ;;
  esac
done

if [[ ! ${BED-} ]]; then
  (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target sealring --target bench_many_keys) >&2
  exec "$root/tests/testbed/bed.sh" --no-pebble "$0" "${arguments[@]}"
fi
# shellcheck source=tests/system/lib.sh
. "$root/tests/system/lib.sh"

cat >"$home/sealring.toml" <<TOML
[hsm]
module = "$MODULE"
token = "$TOKEN"
pin-file = "$PIN_FILE"
[agent]
listen = ["@sealring-bench"]
[ca]
directory = "https://127.0.0.1:1/none"
TOML
sealring list >/dev/null # makes the store
"$here/many_certificates.py" "$home" "$certificates"
"$root/build/release/bin/bench_many_keys" "$MODULE" "$TOKEN" "$PIN_FILE" "$certificates"

processor() { # PID: seconds so far
  local fields
  read -r -a fields < <(sed 's/.*) //' "/proc/$1/stat")
  bc <<<"scale=2; (${fields[11]} + ${fields[12]}) / $(getconf CLK_TCK)"
}
memory() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$1/status"; } # PID: kB
configured() { sealring status --json 2>/dev/null | jq -e --argjson n "$certificates" '.certificates.good == $n' >/dev/null; }

begin=$(date +%s.%N)
"$SEALRING" --config "$home/sealring.toml" agent 2>"$BED/agent.log" &
agent=$!
until grep -q 'keeper ready' "$BED/agent.log"; do sleep 0.01; done
signing=$(bc <<<"$(date +%s.%N) - $begin")
until configured; do
  kill -0 "$agent" || { cat "$BED/agent.log" >&2; fail 'the agent has ended'; }
  sleep 0.05
done
knowing=$(bc <<<"$(date +%s.%N) - $begin")
sleep 35 # the manager's first look is over
declare -A before
roles=(agent keeper manager)
declare -A pid=([agent]=$agent [keeper]=$(pgrep -P "$agent" -f 'sealring-keeper') [manager]=$(pgrep -P "$agent" -f 'sealring manager'))
for role in "${roles[@]}"; do before[$role]=$(processor "${pid[$role]}"); done
sleep "$idle"
echo "$certificates certificates; keeper signs after $signing s, manager knows all after $knowing s"
for role in "${roles[@]}"; do
  echo "$role: $(memory "${pid[$role]}") kB, $(bc <<<"scale=2; ($(processor "${pid[$role]}") - ${before[$role]}) * 3600 / $idle") s of a processor in an idle hour"
done
kill "$agent"
wait "$agent"
