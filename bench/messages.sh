#!/usr/bin/env bash
# What it costs to make a signed message: ours, by hand, and other libraries; wall time, instructions, allocations.
# usage: bench/messages.sh [FILTER]      (a regular expression for the rows' names; default: all)
#
# Instructions are callgrind's, by the difference of two runs: what is done once does not count. It emulates a CPU without SHA
# instructions, so compare rows, and with other tables of its kind only.
set -euo pipefail

root=$(realpath "$(dirname "$(realpath "$0")")/..")
filter=${1:-.}
rivals=(libbenchmark-dev nlohmann-json3-dev libcjose-dev libjose-dev libcpp-jwt-dev valgrind)
dpkg-query -W "${rivals[@]}" >/dev/null ||
  { echo "messages.sh: apt-get install --no-install-recommends ${rivals[*]}" >&2; exit 1; }

(cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target bench_messages) >&2
messages=$root/build/release/bin/bench_messages
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

instructions() { # NAME COUNT
  valgrind --tool=callgrind --callgrind-out-file="$scratch/out" "$messages" once "$1" "$2" 2>"$scratch/log" ||
    { cat "$scratch/log" >&2; return 1; }
  awk '/^(summary|totals):/ { print $2; exit }' "$scratch/out"
}

"$messages" --benchmark_filter="$filter" --benchmark_repetitions=5 --benchmark_report_aggregates_only=true \
  --benchmark_format=csv 2>/dev/null >"$scratch/wall"

printf '%-32s %8s %10s %14s %12s\n' '' octets 'wall us' instructions allocations
"$messages" allocations | { grep -E "^[^|]*($filter)" || true; } | while IFS='|' read -r name octets allocations; do
  wall=$(awk -F '"' -v name="${name}_median" '$2 == name { split($3, f, ","); printf "%.2f", f[3] / 1000 }' "$scratch/wall")
  few=$(instructions "$name" 20)
  many=$(instructions "$name" 120)
  printf '%-32s %8d %10s %14d %12d\n' "$name" "$octets" "$wall" $(((many - few) / 100)) "$allocations"
done
