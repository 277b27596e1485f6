#!/usr/bin/env bash
# nginx or HAProxy reloaded under load, with the same certificate and with another: no handshake fails, and what is served
# after a reload is what was there before it.
# usage: PROVIDER=sealring.so [ROUNDS=N] bed.sh reloads.sh nginx|haproxy
# shellcheck source=tests/provider/servers/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=${ROUNDS:-100}
with_agent ec.test rsa.test

workers() { pgrep -P "$server" | sort | xargs; }
others_than() { # WORKERS: there are new ones, and those are gone
  local worker now
  now=$(workers)
  [[ $now ]] || return 1
  for worker in $now; do [[ " $1 " != *" $worker "* ]] || return 1; done
}
newer_than() { # WORKER
  local now
  now=$(pgrep -n -P "$server") && [[ $now != "$1" ]]
}
reload() { # SIGNAL: old workers may still be at their last connections when it returns
  local before resend
  before=$(pgrep -n -P "$server")
  kill -s "$1" "$server"
  # HAProxy's master can miss a signal just after it has started itself anew: then once more.
  resend=$((SECONDS + 2))
  until newer_than "$before"; do
    up
    (( SECONDS < resend )) || { kill -s "$1" "$server"; resend=$((SECONDS + 10)); missed=$((missed + 1)); }
    sleep 0.02
  done
  await 30 more_than "$(handshakes)"
}
reloads() { # SERVER SIGNAL
  local round serial count begin before
  missed=0
  begin=$(date +%s.%N)
  load "$TLS_PORT" ec.test 4
  for (( round = 0; round < rounds; ++round )); do reload "$2"; done
  sealring -q issue --name ec.test --force >/dev/null
  serial=$(serial_of ec.test)
  ! grep -q " ok $serial\$" "$BED/load" || fail "$1: a certificate served that nobody loaded"
  before=$(workers)
  reload "$2"
  await 30 others_than "$before"
  count=$(($(handshakes) + 4)) # those under way may be of an old worker
  await 30 more_than $((count + 20))
  end_load
  no_failures
  ! tail -n "+$((count + 1))" "$BED/load" | grep -v " ok $serial\$" || fail "$1: the old certificate is still served"
  echo "$1: $rounds reloads and a new certificate in $(handshakes) handshakes, none failed, $missed signals missed, $(bc <<<"$(date +%s.%N) - $begin") s"
}

case $1 in
  nginx)
    start_nginx
    reloads nginx HUP ;;
  haproxy)
    in_bed haproxy.cfg
    start haproxy -W -f "$BED/haproxy.cfg"
    reloads haproxy USR2 ;;
esac
stop
