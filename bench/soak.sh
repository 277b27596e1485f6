#!/usr/bin/env bash
# Very many signatures through the agent's socket, and whether its processes grow meanwhile.
# usage: bench/soak.sh [--signatures N] [--threads N] [--limit KIB]
#
# Exits 1 if one signature is missing, or a process has grown by more than the limit (1024 KiB) over the last nine tenths. The
# log of a million signatures takes half a gigabyte in $TMPDIR.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/..")
signatures=1000000 threads=8 limit=1024
arguments=("$@")
while (($#)); do
  case $1 in
    --signatures) signatures=$2; shift 2 ;;
    --threads) threads=$2; shift 2 ;;
    --limit) limit=$2; shift 2 ;;
    *) sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2 ;;
  esac
done

if [[ ! ${BED-} ]]; then
  (cd "$root" && cmake --preset release >/dev/null &&
    cmake --build --preset release --target sealring bench_soak keeper_clients) >&2
  exec "$root/tests/testbed/bed.sh" --no-pebble "$0" "${arguments[@]}"
fi
: "${SOAK:=$root/build/release/bin/bench_soak}" "${CLIENTS:=$root/build/release/bin/keeper_clients}"
# shellcheck source=tests/system/lib.sh
. "$root/tests/system/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$root/tests/system/agent_lib.sh"

configure
begin
(( signatures < 100000 )) || sleep 40 # until the manager has looked at everything for the first time, which takes memory once
"$SOAK" "$address" served.test "$signatures" "$threads" "$limit" "keeper=$(keeper)" \
  "manager=$(pgrep -P "$agent" -f 'sealring manager')" "agent=$agent"
stop_agent
