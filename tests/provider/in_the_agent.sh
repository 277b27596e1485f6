#!/usr/bin/env bash
# The agent's own openssl.cnf activates the provider, which then is in the agent that it would ask: neither waits for the other.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/../system/lib.sh"
# shellcheck source=tests/system/agent_lib.sh
. "$tests/agent_lib.sh"

init
cat >>"$home/sealring.toml" <<TOML
[[key]]
name = "raw"
peers = ["$(id -u)"]
TOML
sealring init --openssl-conf >"$BED/openssl.cnf"
export OPENSSL_CONF=$BED/openssl.cnf
openssl list -providers | grep -q sealring || fail 'the provider is not active'

start_agent
await_line 'keeper ready'
sealring issue -d own.test
judge own.test
sealring key generate raw
echo message >"$BED/message"
for _ in 1 2 3; do
  timeout 10 openssl dgst -sha256 -sign "sealring:raw" -out "$BED/signature" "$BED/message" || fail 'no signature'
  openssl dgst -sha256 -verify <(openssl pkey -in sealring:raw -pubout) -signature "$BED/signature" "$BED/message"
done
stop_agent
