#!/usr/bin/env bash
# Runs a command beside a Pebble and its mock DNS, and stops both after it.
# usage: pebble.sh FOLDER BIN-FOLDER COMMAND...
#
# FOLDER gets the configuration, the TLS certificate of the CA's own address (its anchor: tls-ca.pem) and pebble.log.
# Ports come from the environment (ACME_PORT, MGMT_PORT, DNS_PORT, DNS_MGMT_PORT, HTTP01_PORT, TLSALPN01_PORT), and so
# do Pebble's own knobs (PEBBLE_WFE_NONCEREJECT ...), and
#   PEBBLE_CONFIG   members for its configuration, beside or instead of those below
#   OWN_DNS=1       no mock DNS: the command starts a server of its own on DNS_PORT
# Its pauses before a validation are off.
set -euo pipefail

folder=$(realpath "$1")
bin=$(realpath "$2")
shift 2
: "${ACME_PORT:=14000}" "${MGMT_PORT:=15000}" "${DNS_PORT:=8053}" "${DNS_MGMT_PORT:=8055}"
: "${HTTP01_PORT:=5002}" "${TLSALPN01_PORT:=5001}"
export PEBBLE_VA_NOSLEEP=${PEBBLE_VA_NOSLEEP-1} DNS_PORT

mint_tls() { # the package brings no certificate
  local key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  openssl req -x509 "${key[@]}" -keyout "$folder/tls-ca.key" -out "$folder/tls-ca.pem" -days 30 \
    -subj '/CN=test bed' -addext 'keyUsage=critical,keyCertSign'
  openssl req -x509 -CA "$folder/tls-ca.pem" -CAkey "$folder/tls-ca.key" "${key[@]}" -days 30 \
    -keyout "$folder/tls.key" -out "$folder/tls.pem" -subj /CN=localhost \
    -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1' -addext 'basicConstraints=critical,CA:FALSE'
}

configure() {
  cat >"$folder/pebble.json" <<END
{ "pebble": {
  "listenAddress": "127.0.0.1:$ACME_PORT",
  "managementListenAddress": "127.0.0.1:$MGMT_PORT",
  "certificate": "$folder/tls.pem",
  "privateKey": "$folder/tls.key",
  "httpPort": $HTTP01_PORT,
  "tlsPort": $TLSALPN01_PORT
} }
END
  [[ ${PEBBLE_CONFIG-} ]] || return 0
  jq --argjson more "$PEBBLE_CONFIG" '.pebble += $more' "$folder/pebble.json" >"$folder/more.json"
  mv "$folder/more.json" "$folder/pebble.json"
}

dns_options() { # they were renamed between versions
  local known
  known=$("$bin/pebble-challtestsrv" -h 2>&1 || true)
  if [[ $known == *-dnsserver* ]]; then echo -dnsserver; else echo -dns01; fi
  echo "127.0.0.1:$DNS_PORT"
  [[ $known != *-doh* ]] || printf '%s\n' -doh ''
}

servers=()
start_servers() {
  local dns
  if [[ ! ${OWN_DNS-} ]]; then
    mapfile -t dns < <(dns_options)
    # It could answer challenges as well; here it is only the DNS, in which every name is 127.0.0.1.
    "$bin/pebble-challtestsrv" "${dns[@]}" -management "127.0.0.1:$DNS_MGMT_PORT" -defaultIPv6 '' \
      -http01 '' -https01 '' -tlsalpn01 '' >"$folder/dns.log" 2>&1 </dev/null &
    servers+=($!)
  fi
  "$bin/pebble" -config "$folder/pebble.json" -dnsserver "127.0.0.1:$DNS_PORT" >"$folder/pebble.log" 2>&1 </dev/null &
  servers+=($!)
}

answers() {
  local get=(curl -sf -o /dev/null --noproxy '*' --cacert "$folder/tls-ca.pem")
  "${get[@]}" "https://127.0.0.1:$ACME_PORT/dir" && "${get[@]}" "https://127.0.0.1:$MGMT_PORT/roots/0" &&
    { [[ ${OWN_DNS-} ]] || (: <"/dev/tcp/127.0.0.1/$DNS_MGMT_PORT") 2>/dev/null; }
}

await_servers() {
  local deadline=$((SECONDS + 30))
  until answers; do
    if ! kill -0 "${servers[@]}" 2>/dev/null || (( SECONDS > deadline )); then
      echo 'pebble.sh: Pebble or its DNS did not start:' >&2
      tail -n 5 "$folder"/{dns,pebble}.log >&2 || true
      return 1
    fi
    sleep 0.02
  done
}

stop_servers() {
  (( ${#servers[@]} )) || return 0
  kill "${servers[@]}" 2>/dev/null || true
  wait "${servers[@]}" 2>/dev/null || true
}

trap stop_servers EXIT
mint_tls 2>"$folder/openssl.log" || { cat "$folder/openssl.log" >&2; exit 1; }
configure
start_servers
await_servers
"$@"
