#!/usr/bin/env bash
# nginx with one worker, under load, while its agent is killed and comes back, and while the keeper hangs: handshakes fail
# fast, other connections are answered, and nobody touches the server.
# usage: PROVIDER=sealring.so [SEALRING_SLACK=N] bed.sh outage.sh      (N times as much time for everything)
# shellcheck source=tests/provider/servers/lib.sh
. "$(dirname "$0")/lib.sh"

slack=${SEALRING_SLACK:-1}
with_agent ec.test rsa.test
start_nginx
stop
sed -i 's/^worker_processes 2/worker_processes 1/' "$BED/nginx.conf"
start nginx -c "$BED/nginx.conf" -e "$BED/log/error.log" -g 'daemon off;'
worker=$(pgrep -P "$server")

failures() { grep -c failed "$BED/load" || true; }
failed_more_than() { (( $(failures) > $1 )); }
good_since() { # TIME: prints when the first good handshake was over that ended after it
  awk -v since="$1" '$2 > since && $3 == "ok" { print $2; found = 1; exit } END { exit !found }' "$BED/load"
}
longest() { # FILE KIND SINCE: in seconds, of those that began after it
  awk -v kind="$2" -v since="$3" '$3 == kind && $1 > since && $2 - $1 > most { most = $2 - $1 } END { print most + 0 }' "$BED/$1"
}
now() { date +%s.%N; }
seconds() { bc <<<"$2 - $1"; } # FROM TO
below() { # WHAT SECONDS LIMIT
  echo "$1: $2 s"
  [[ $(bc <<<"$2 < $3 * $slack") == 1 ]] || complain "$1: $2 s, not below $3 s"
}

# --- Killed ---

load "$TLS_PORT" ec.test 4
await 30 more_than 20
killed=$(now)
kill -KILL "$agent"
wait "$agent" 2>/dev/null || true
await 30 failed_more_than 200
below 'agent gone: the slowest failure' "$(longest load failed "$killed")" 0.5
grep -q 'sealring::agent not reachable.*key ec.test: .*sign.sock' "$BED/log/error.log" || complain 'nginx does not log that the agent is not there'
no_keeper() { ! pgrep -f 'sealring-keeper' >/dev/null; }
await 10 no_keeper # it does not outlive its supervisor

# Nothing but the file is needed to load a key.
served nginx -t -q -c "$BED/nginx.conf" -e "$BED/log/other.log" || complain 'nginx -t takes an agent'
sed "s#$TLS_PORT#$((TLS_PORT + 10))#; s#$http_port#$((TLS_PORT + 11))#; s#/nginx.pid#/other.pid#" "$BED/nginx.conf" >"$BED/other.conf"
OPENSSL_CONF=$BED/openssl.cnf nginx -c "$BED/other.conf" -e "$BED/log/other.log" -g 'daemon off;' &
other=$!
await 30 listening $((TLS_PORT + 10))

start_agent
await 30 bash -c '[[ $(ss -Hlx "src @sealring-servers") ]]'
listens=$(now)
await_agent
answers=$(now)
await 30 good_since "$answers" >/dev/null
first=$(good_since "$listens")
below 'agent back: from its socket to the first good handshake' "$(seconds "$listens" "$first")" 1
echo "agent back: from \"keeper ready\" $(seconds "$answers" "$first") s"
port=$((TLS_PORT + 10)) by_openssl ec.test || complain 'a server started without an agent does not find it'
kill "$other"
wait "$other" || true
after=$(now)
count=$(handshakes)
await 30 more_than $((count + 50))
end_load
! awk -v since="$after" '$1 > since' "$BED/load" | grep failed || fail 'handshakes still fail'

# --- Hanging ---

keeper() { pgrep -P "$agent" -f 'sealring-keeper'; }
replaced() { # KEEPER
  local now
  now=$(keeper) && [[ $now != "$1" ]]
}
hang() { # WHAT ENOUGH PROCESS...: stopped until the command ENOUGH succeeds
  local begin
  load "$TLS_PORT" ec.test 4
  load "$http_port" - 1 plain
  begin=$(now)
  kill -STOP "${@:3}"
  # shellcheck disable=SC2086 # words
  await 30 $2
  await 30 more_than $(($(handshakes plain) + 5)) plain
  kill -CONT "${@:3}" 2>/dev/null || true
  await 30 good_since "$(now)" >/dev/null
  end_load
  ! grep failed "$BED/plain" || fail "$1: plain connections failed"
  # The deadline, and a sixteenth of it for each of the three others that came with the first; the rest is the machine's.
  below "$1: the longest wait of a plain connection" "$(longest plain ok "$begin")" 3
  below "$1: the slowest handshake that failed" "$(longest load failed "$begin")" 5
}
old=$(keeper)
hang 'keeper stopped' "replaced $old" "$old"
# With nobody to replace it.
hang 'supervisor and keeper stopped' 'failed_more_than 8' "$agent" "$(keeper)"

[[ $(pgrep -P "$server") == "$worker" ]] || fail 'it is another worker by now'
stop
