#!/usr/bin/env bash
# Every ACME operation that Pebble has, by the toolkit alone.
# usage: OPERATIONS=operations bed.sh operations.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

echo "$PEBBLE"
"$OPERATIONS" pebble
