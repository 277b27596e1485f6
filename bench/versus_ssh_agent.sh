#!/usr/bin/env bash
# P-256 signatures a second from one token: by the agent's socket, and by ssh-agent with its PKCS#11 helper, in turns.
# usage: bench/versus_ssh_agent.sh [ROUNDS] [CLIENTS]
set -euo pipefail

here=$(dirname "$(realpath "$0")")
[[ ${BED-} ]] || exec "$here/../tests/testbed/bed.sh" --no-pebble "$0" "$@"
rounds=${1:-5} clients=${2:-8}
real=$(realpath "$MODULE") # as ssh-agent wants it allowed
export HOME=$BED

pkcs11-tool --module "$MODULE" --token-label "$TOKEN" --login --pin "$(<"$PIN_FILE")" --keypairgen --key-type EC:prime256v1 \
  --label ssh --id 01 >/dev/null 2>&1
printf '#!/bin/sh\ncat %q\n' "$PIN_FILE" >"$BED/askpass"
chmod +x "$BED/askpass"
export SSH_AUTH_SOCK=$BED/ssh.sock
ssh-agent -D -a "$SSH_AUTH_SOCK" -P "$real" >/dev/null 2>&1 &
ssh=$!
trap 'kill $ssh' EXIT
until [[ -S $SSH_AUTH_SOCK ]]; do kill -0 "$ssh"; sleep 0.02; done
SSH_ASKPASS=$BED/askpass SSH_ASKPASS_REQUIRE=force ssh-add -q -s "$real"

for ((round = 0; round < rounds; ++round)); do
  "$here/ssh_agent.py" "$clients" 2 >>"$BED/ssh"
  "$SEALRING" --json bench --module "$MODULE" --token "$TOKEN" --pin-file "$PIN_FILE" --layers agent --threads "$clients" \
    --seconds 2 --rounds 4 2>/dev/null | jq '[.series[0].slices[] | .made] as $made | [.series[0].slices[] | .seconds] as $time |
      ($made | add) / ($time | add) | round' >>"$BED/sealring"
done
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)], "(" v[1] "-" v[NR] ")" }'; }
echo "$clients clients, $rounds rounds in turns; signatures a second, median (least-most)"
echo "ssh-agent  $(median "$BED/ssh")"
echo "sealring   $(median "$BED/sealring")"
