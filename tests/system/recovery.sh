#!/usr/bin/env bash
# A keeper that is killed, and one that is stopped, under eight signing clients: every request ends in a good signature or a
# typed error within its deadline, service comes back within one second and two, and nobody lifts a finger.
# usage: CLIENTS=keeper_clients [ROUNDS=N] bed.sh --no-pebble recovery.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$tests/agent_lib.sh"

configure
begin
for (( round = 0; round < ${ROUNDS:-1}; ++round )); do printf 'KILL 1000\nSTOP 2000\n'; done |
  clients strike "$agent" || { tail -n 20 "$BED/agent.log" >&2; fail 'the clients are not content'; }
stop_agent
sealring audit verify >"$BED/out" || { cat "$BED/out" >&2; fail 'the audit log does not verify'; }
