#!/usr/bin/env bash
# Fuzzes each parser for a while, under the address and undefined behaviour sanitizers; fails on the first finding of each, and
# says where it is. What it learns stays in the build folder, and is what the next run begins with.
# usage: tests/fuzz/long.sh [SECONDS [NAME...]]     300 seconds each, unless said otherwise; two at a time
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

seconds=${1:-300}
names=("${@:2}")
(( ${#names[@]} )) || for corpus in tests/fuzz/corpus/*/; do names+=("$(basename "$corpus")"); done

found=build/asan/tests/fuzz/found
cmake --preset asan -DBUILD_TESTING=ON >/dev/null
cmake --build --preset asan --target "${names[@]/#/fuzz_}"

fuzz() { # NAME
  local name=$1 log=$found/$1.log status=0
  mkdir -p "$found/$name"
  nice "build/asan/bin/fuzz_$name" "-max_total_time=$seconds" -timeout=20 -rss_limit_mb=1024 -print_final_stats=1 \
    "-artifact_prefix=$found/$name-" "$found/$name" "tests/fuzz/corpus/$name" >"$log" 2>&1 || status=$?
  awk -v name="$name" -v verdict="$( ((status)) && echo "FOUND something, see $log" || echo clean)" '
    /DONE +cov: / { for (i = 1; i < NF; ++i) { if ($i == "cov:") edges = $(i + 1); if ($i == "corp:") corpus = $(i + 1) } }
    /^stat::number_of_executed_units:/ { executions = $2 }
    END { printf "%-8s %s executions, %s edges, corpus %s: %s\n", name, executions, edges, corpus, verdict }' "$log"
  return "$status"
}
export -f fuzz
export seconds found
printf '%s\0' "${names[@]}" | xargs -0 -n 1 -P 2 bash -c 'fuzz "$0"'
