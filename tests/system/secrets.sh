#!/usr/bin/env bash
# The PIN is in its file and nowhere else: no file that sealring wrote, no output, no argument, no environment.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

holds_pin() { grep -qaFf "$PIN_FILE" "$@"; } # -f: so that it is not in our arguments either

{
  init -v
  sealring -v issue -d a.test
  sealring -v key list
  sealring -v show a.test --json
} >"$BED/output" 2>&1

# Arguments and environment of every process there is, for as long as an issuance runs.
sealring -v issue -d b.test >>"$BED/output" 2>&1 &
looks=0
while kill -0 $! 2>/dev/null; do
  for file in /proc/[0-9]*/{cmdline,environ}; do
    ! holds_pin "$file" 2>/dev/null || fail "the PIN is in $file, of $(<"${file%/*}/comm")"
  done
  looks=$((looks + 1))
done
wait $!
((looks)) || fail 'no look at the running process'

found=$(grep -rlaFf "$PIN_FILE" "$BED" | grep -vxF "$PIN_FILE" || true)
[[ ! $found ]] || fail "the PIN is in $found"

# That the search can find: in the one place where it must.
holds_pin "$PIN_FILE" || fail 'the search finds nothing at all'
