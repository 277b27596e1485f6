#!/usr/bin/env bash
# Every ACME operation that Pebble has not, by the toolkit alone against a CA of our own.
# usage: OPERATIONS=operations bed.sh --no-pebble scripted_operations.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/scripted_ca_lib.sh
. "$tests/scripted_ca_lib.sh"
# shellcheck source=tests/system/operations_lib.sh
. "$tests/operations_lib.sh"

serve_web_root
start_ca --dns-persist
DNS_MGMT=$MGMT run_operations scripted 'the scripted CA'
stop_ca
