#!/usr/bin/env bash
# The keeper's socket beside direct PKCS#11: same token, same keys, in turns.
# usage: bench/agent.sh [--rounds N] [--slice SECONDS] [--json] [--floor] [--before BINARY]      (as root)
#
#   --floor    two more sides: direct PKCS#11 on a session copy of the key; and that, each time after a bare round trip to
#              another process
#   --before   also another build of sealring, in the same turns, as before-interval and before-always
set -euo pipefail

here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/..")
rounds=15 slice=0.3 form=table floor='' before=''
arguments=("$@")
while (($#)); do
  case $1 in
    --rounds) rounds=$2; shift 2 ;;
    --slice) slice=$2; shift 2 ;;
    --before) before=$(realpath "$2"); shift 2 ;;
    --json) form=json; shift ;;
    --floor) floor=--floor; shift ;;
    *) sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2 ;;
  esac
done

if [[ ! ${BED-} ]]; then
  (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target sealring bench_agent) >&2
  exec "$root/tests/testbed/bed.sh" --no-pebble "$0" "${arguments[@]}"
fi

agents=()
start() { # NAME BINARY AUDIT-SYNC
  local home=$BED/$1 agent
  mkdir "$home"
  cat >"$home/sealring.toml" <<TOML
[hsm]
module = "$MODULE"
token = "$TOKEN"
pin-file = "$PIN_FILE"
[ca]
directory = "https://ca.test/directory"
[agent]
audit-sync = "$3"
[[certificate]]
name = "p256"
domains = ["p256.test"]
peers = ["root"]
[[certificate]]
name = "rsa2048"
key = "rsa2048"
domains = ["rsa2048.test"]
peers = ["root"]
TOML
  "$2" --config "$home/sealring.toml" agent 2>"$home/agent.log" &
  agent=$!
  for _ in {1..600}; do
    "$root/tests/system/ask.py" "$home/sign.sock" hello >/dev/null 2>&1 && break
    sleep 0.1
  done
  "$root/tests/system/ask.py" "$home/sign.sock" hello >/dev/null || { cat "$home/agent.log" >&2; exit 1; }
  agents+=("$1:$home/sign.sock:$agent:$(pgrep -P "$agent" -f 'sealring keeper')")
}

for sync in interval always; do
  start "$sync" "$SEALRING" "$sync"
  [[ ! $before ]] || start "before-$sync" "$before" "$sync"
done
"$root/build/release/bin/bench_agent" "$MODULE" "$TOKEN" "$PIN_FILE" "$BED" "$rounds" "$slice" "$form" ${floor:+"$floor"} \
  "${agents[@]}"
