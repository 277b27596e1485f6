#!/usr/bin/env bash
# kill -9 before every request and every step that is made durable, in turn: the next run goes on with no person's help, and no
# key is left in the token that nobody knows.
# usage: KILL_AT_LIBRARY=libsealring_kill_at.so bed.sh killed.sh
#
# The moments are counted out rather than drawn by lot, since a kill inside the module is the module's own affair: SoftHSM 2.6.1
# empties token.object before it writes it anew at each C_Login, and a kill between the two loses the token.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

issue() { # ENVIRONMENT...
  env "$@" "$SEALRING" --config "$home/sealring.toml" -q issue -d killed.test --force >"$BED/out" 2>"$BED/err"
}

init -q
printf '[agent]\nmax-keys = 500\n' >>"$home/sealring.toml"
for (( step = 1; ; ++step )); do
  status=0
  # In a shell of its own, which is not one to tell of each kill.
  (issue LD_PRELOAD="$KILL_AT_LIBRARY" KILL_AT="$step") 2>/dev/null || status=$?
  (( status )) || break
  [[ $status == 137 ]] || { cat "$BED/err" >&2; fail "exit status $status instead of a kill at step $step"; }
  issue || { cat "$BED/err" >&2; fail "does not go on after a kill at step $step"; }
done
(( step > 40 )) || fail "only $step steps"
judge killed.test
judge_keys "$(private_keys | wc -l)"
echo "killed at each of $((step - 1)) steps"
