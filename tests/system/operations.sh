#!/usr/bin/env bash
# Every ACME operation that Pebble has, by the toolkit alone.
# usage: OPERATIONS=operations [LIST=pebble_2.4|bound] bed.sh operations.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/operations_lib.sh
. "$tests/operations_lib.sh"

export TLSALPN01_PORT=${TLSALPN01_PORT:-5001}
serve_web_root
run_operations "${LIST:-pebble}" "$PEBBLE"
