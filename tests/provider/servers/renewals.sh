#!/usr/bin/env bash
# A certificate renewed again and again under load: the agent has nginx reloaded and sees each new serial live, the key before is
# retired, and no handshake fails.
# usage: PROVIDER=sealring.so [ROUNDS=N] bed.sh renewals.sh
# shellcheck source=tests/provider/servers/lib.sh
. "$(dirname "$0")/lib.sh"

rounds=${ROUNDS:-100}
with_agent ec.test rsa.test
start_nginx
# From now on nginx is there to be told.
sed -i "s#^domains = \[\"ec.test\"\]#&\nreload = [\"kill\", \"-HUP\", \"$server\"]\nprove = [\"127.0.0.1:$TLS_PORT\"]#" "$home/sealring.toml"
sed -i 's/^\[agent\]$/&\nmax-keys = 500/' "$home/sealring.toml"
kill -HUP "$agent"
await 30 grep -q 'configuration read again' "$BED/agent.log"

begin=$(date +%s.%N)
load "$TLS_PORT" ec.test 4
for (( round = 0; round < rounds; ++round )); do
  sealring -q renew --force ec.test >"$BED/out" || { cat "$BED/out" >&2; complain "renewal $round"; }
  serial=$(serial_of ec.test)
  await 10 grep -q " ok $serial\$" "$BED/load"
  up
done
end_load
no_failures
sealring show ec.test --json >"$BED/show"
jq -e '.deployment.deployed_at and (.deployment.trouble | not)' "$BED/show" >/dev/null || complain 'the last one is not deployed'
echo "$rounds renewals, each seen live, in $(handshakes) handshakes, none failed, $(bc <<<"$(date +%s.%N) - $begin") s"
stop
