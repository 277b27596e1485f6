# shellcheck shell=bash
# Sourced after lib.sh by tests whose CA must do as it is told (scripted_ca/); for a bed without Pebble.

: "${tests:?lib.sh comes first}"

start_ca() { # OPTION...: sets what lib.sh's `init` wants, and CRL and MGMT
  : "${HTTP01_PORT:=5002}"
  mkfifo "$BED/ca.in" "$BED/ca.out"
  /usr/bin/python3 "$tests/scripted_ca" "$BED/ca" --http01-port "$HTTP01_PORT" "$@" <"$BED/ca.in" >"$BED/ca.out" &
  ca=$!
  exec 7>"$BED/ca.in" 8<"$BED/ca.out"
  read -r -t 30 DIRECTORY CRL MGMT <&8 || fail 'the scripted CA does not start'
  export DIRECTORY CRL MGMT CA_FILE=$BED/ca/tls-ca.pem HTTP01=127.0.0.1:$HTTP01_PORT
}

stop_ca() { # it ends with its standard input
  exec 7>&- 8<&-
  wait "$ca" || fail 'the scripted CA does not end well'
}

tell() { # VERB JSON: what management.py lists
  curl -sf --noproxy '*' -o "$BED/told" -d "$2" "$MGMT/$1" || fail "the scripted CA refuses $1 $2"
}

state() { # JQ-OPTION...
  curl -sf --noproxy '*' "$MGMT/" | jq "$@"
}

judge_by_root() { # NAME [ROOT]: root.pem or other-root.pem
  openssl verify -CAfile "$BED/ca/${2:-root.pem}" -untrusted "$BED/live/$1/chain.pem" "$BED/live/$1/cert.pem" \
    >"$BED/out" 2>&1 || { cat "$BED/out" >&2; fail "$1: the chain does not verify"; }
}
