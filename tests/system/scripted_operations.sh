#!/usr/bin/env bash
# Every ACME operation that Pebble has not, by the toolkit alone against a CA of our own.
# usage: OPERATIONS=operations bed.sh --no-pebble scripted_operations.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/scripted_ca_lib.sh
. "$tests/scripted_ca_lib.sh"

export WEB_ROOT=$BED/www
: "${HTTP01_PORT:=5002}"
mkdir "$WEB_ROOT"
/usr/bin/python3 -m http.server "$HTTP01_PORT" --bind 127.0.0.1 --directory "$WEB_ROOT" >"$BED/www.log" 2>&1 &
web=$!
trap 'kill "$web" 2>/dev/null || true' EXIT
# shellcheck disable=SC2119 # it needs no option
start_ca
until (: <"/dev/tcp/127.0.0.1/$HTTP01_PORT") 2>/dev/null; do sleep 0.05; done

"$OPERATIONS" scripted
stop_ca
