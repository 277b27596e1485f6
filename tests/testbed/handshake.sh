#!/usr/bin/env bash
# A TLS 1.3 handshake in which the token signs: OpenSSL's server with our provider, OpenSSL's client as the judge.
# usage: handshake.sh NAME CERTIFICATE CHAIN PRIVKEY ROOT      (inside a bed whose agent runs; prints what the client saw)
set -euo pipefail

name=$1 certificate=$2 chain=$3 privkey=$4 anchor=$5
"$SEALRING" --config "$BED/sealring.toml" init --openssl-conf >"$BED/openssl.cnf"

OPENSSL_CONF=$BED/openssl.cnf openssl s_server -accept "127.0.0.1:$TLS_PORT" -naccept 1 -www \
  -cert "$certificate" -cert_chain "$chain" -key "$privkey" >"$BED/s_server.log" 2>&1 </dev/null &
server=$!
trap 'kill "$server" 2>/dev/null || true' EXIT

# The server takes one connection only: look for its socket without making one.
until [[ $(ss -Hltn "sport = :$TLS_PORT") ]]; do
  kill -0 "$server" 2>/dev/null || { cat "$BED/s_server.log" >&2; exit 1; }
  sleep 0.02
done

openssl s_client -connect "127.0.0.1:$TLS_PORT" -servername "$name" -tls1_3 -CAfile "$anchor" \
  -verify_return_error -verify_hostname "$name" </dev/null >"$BED/s_client.log" 2>&1 ||
  { cat "$BED/s_server.log" "$BED/s_client.log" >&2; exit 1; }
grep -E '^(New, TLS|Peer signature type|Verify return code)' "$BED/s_client.log"
