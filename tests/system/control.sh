#!/usr/bin/env bash
# control.sock: who may connect and change something, what is too large or too slow, and that it outlives the manager.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$tests/agent_lib.sh"

socket=$home/control.sock
stranger=12345
ask() { curl -sS --noproxy '*' --max-time 20 --unix-socket "$socket" "${@:2}" "http://localhost$1"; }
status() { ask "$@" -o "$BED/answer" -w '%{http_code}'; }
manager() { pgrep -P "$agent" -f 'sealring manager'; }
last_line() { tail -n 1 "$BED/answer" | jq -e "$1" >/dev/null; } # JQ-CONDITION, of a stream
as_stranger() { setpriv --reuid "$stranger" --regid "$stranger" --clear-groups -- "$@"; }

configure
start_agent
await_line 'manager ready'

# The socket lets in its owner and its group.
[[ $(stat -c %a "$socket") == 660 ]] || fail 'the socket is not 0660'
group=$(stat -c %G "$socket")
if (( EUID == 0 )) && getent group sealring >/dev/null; then
  [[ $group == sealring ]] || fail "the socket is of the group $group"
fi
[[ $(status /v1) == 200 ]] || fail 'no answer'
jq -e --argjson pid "$(manager)" '.pid == $pid and .uptime >= 0' "$BED/answer" >/dev/null || fail 'it is not the manager'

# A reload is taken up; what is wrong is refused before anything happens.
[[ $(status /v1/reload -X POST) == 200 ]] || fail 'no reload'
last_line '.result == {certificates: 1, keys: 0}' || fail 'the configuration was not read again'
await_line 'configuration read again'
mkdir -p "$home/conf.d"
echo nonsense >"$home/conf.d/wrong.toml"
[[ $(status /v1/reload -d '{}') == 200 ]] || fail 'no reload'
last_line '.error.status == 400' || fail 'a wrong file was taken'
last_line '.error.detail | contains("wrong.toml:1:")' || fail 'where it is wrong is not said'
rm "$home/conf.d/wrong.toml"
[[ $(status /v1/reload -d '{"force": true}') == 400 ]] || fail 'an unknown member was taken'

# Who is no operator may look where the socket lets him, and no more.
if (( EUID == 0 )); then
  chmod 0711 "$BED" "$home"
  expect 7 as_stranger curl -sS --noproxy "*" --unix-socket "$socket" http://localhost/v1
  in_group=(setpriv --reuid "$stranger" --regid "$group" --clear-groups --)
  "${in_group[@]}" curl -sSf --noproxy '*' --unix-socket "$socket" http://localhost/v1 >/dev/null || fail 'its group may not look'
  "${in_group[@]}" curl -sS --noproxy '*' --unix-socket "$socket" -X POST http://localhost/v1/reload >"$BED/answer"
  jq -e '.status == 403 and .rule == "control.operators"' "$BED/answer" >/dev/null || fail 'a stranger may reload'
  await_line "/v1/reload\" by uid $stranger, process [0-9]*: denied"
  "${in_group[@]}" curl -sS --noproxy '*' --unix-socket "$socket" http://localhost/v1/account >"$BED/answer"
  jq -e '.status == 403 and .rule == "control.operators"' "$BED/answer" >/dev/null || fail 'a stranger may have the CA asked'
fi

# No name leads to another operation.
for verb in show revoke renew authorize; do
  expect 1 sealring "$verb" ..
  grep -q '"\.\." cannot be a name' "$BED/err" || fail "$verb takes any name"
done

# A slow client holds up nobody.
coproc slow { exec python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b"POST /v1/reload HTTP/1.1\r\n")
print("sent", flush=True)
sys.stdin.read()' "$socket"; }
slow_in=${slow[1]}
read -r _ <&"${slow[0]}"
[[ $(status /v1) == 200 ]] || fail 'a slow client holds up others'

# Nothing large is taken in.
head -c 1048576 /dev/zero | tr '\0' a >"$BED/large"
[[ $(status /v1/reload -H 'Expect:' --data-binary "@$BED/large") == 413 ]] || fail '1 MiB was taken'
[[ $(status /v1) == 200 ]] || fail 'no answer after that'

# Killed, the manager leaves the socket: who asks meanwhile waits for the next.
old=$(manager)
inode=$(stat -c %i "$socket")
kill -KILL "$old"
[[ $(status /v1) == 200 ]] || fail 'no answer from the next manager'
[[ $(stat -c %i "$socket") == "$inode" ]] || fail 'the socket is another'
jq -e --argjson old "$old" '.pid != $old' "$BED/answer" >/dev/null || fail 'the killed one answers'

# All that is described is there, and all that is there is described.
"$tests/openapi.py" "$tests/../../docs/openapi.json" "$socket"

exec {slow_in}>&-
stop_agent

# While a command that needs no agent is at work all may look, and nobody changes anything.
exec 9>>"$home/lock"
flock 9
start_agent 9>&-
await_line 'manager ready' 3
[[ $(status /v1/certificates) == 200 ]] || fail 'nobody may look'
jq -e 'map(.name) == ["served.test"]' "$BED/answer" >/dev/null || fail 'it does not know what it has'
[[ $(status /v1/reload -X POST) == 503 ]] || fail 'it changes things beside another'
jq -e '.detail | contains("another sealring is at work")' "$BED/answer" >/dev/null || fail 'why not is not said'
exec 9>&-
may_change() { [[ $(status /v1/reload -X POST) == 200 ]]; }
await 10 may_change
stop_agent
echo 'operators alone change anything; the socket outlives the manager'
