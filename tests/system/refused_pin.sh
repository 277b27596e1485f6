#!/usr/bin/env bash
# A wrong PIN: 10 000 requests and 100 restarts are one C_Login, counted between us and the module, and each request is answered
# at once. With the right PIN in place service comes back by itself.
# usage: SHIM=sealring_pkcs11_shim.so CLIENTS=keeper_clients [RESTARTS=N] bed.sh --no-pebble refused_pin.sh
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$tests/agent_lib.sh"

restarts=${RESTARTS:-100}
: >"$BED/logins"
logins() { wc -l <"$BED/logins"; }

PIN_FILE=$BED/pin
(umask 077 && printf 00000000 >"$PIN_FILE")
configure "environment = [\"SHIM_MODULE=$MODULE\", \"SHIM_LOG=$BED/logins\"]"

other_keeper() { # OLD-PID: another one answers
  local now
  now=$(keeper) && [[ $now != "$1" ]] && clients ask 1 >/dev/null
}

start_agent
await_line 'answers, and does no more'
[[ $(logins) == 1 ]] || fail "$(logins) logins at the start"
clients ask 10000 >"$BED/out" || { cat "$BED/out" >&2; fail 'a signature without a PIN'; }
grep -qx '10000 the keeper needs an operator' "$BED/out" || { cat "$BED/out" >&2; fail 'not 10000 refusals'; }
for (( i = 0; i < restarts; ++i )); do
  case $((i % 4)) in
    0) # the whole agent
      stop_agent
      start_agent
      await 30 other_keeper none
      ;;
    1)
      cp "$PIN_FILE" "$BED/copy"
      mv "$BED/copy" "$PIN_FILE" # the same PIN in another file
      ;&
    *) # the keeper, by a reload or by its end
      old=$(keeper)
      if (( i % 2 )); then kill -HUP "$agent"; else kill -TERM "$old"; fi
      await 30 other_keeper "$old"
      ;;
  esac
done
[[ $(logins) == 1 ]] || fail "$(logins) logins with one wrong PIN in $restarts restarts"
told=$(lines 'answers, and does no more')
(( told == 1 + (restarts + 3) / 4 )) || fail "said $told times by $((1 + (restarts + 3) / 4)) agents that the PIN is refused"

cp "$BED/token/pin" "$PIN_FILE"
kill -HUP "$agent"
await_line 'keeper ready'
clients make
clients once
[[ $(logins) == 2 ]] || fail "$(logins) logins in all, with a wrong PIN and a right one"
stop_agent
echo "10000 requests and $restarts restarts with a wrong PIN: 1 C_Login; then the right one: service"
