#!/usr/bin/env bash
# Malformed frames on the live socket: the keeper lives, keeps its size and its descriptors, and goes on signing.
# usage: CLIENTS=keeper_clients MALFORMED=malformed FRAMES=N bed.sh --no-pebble malformed.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$tests/agent_lib.sh"

configure
begin
clients once
"$MALFORMED" "$address" served.test "$agent" "$FRAMES" ||
  { status=$?; tail -n 20 "$BED/agent.log" >&2; (( status == 77 )) && exit 77; fail 'the keeper did not take it well'; }
clients once
[[ $(lines 'keeper started as process') == 1 ]] || fail 'the keeper was started anew'
stop_agent
