#!/usr/bin/env bash
# A CA that refuses every other good nonce: nobody notices. The bed must be started with PEBBLE_WFE_NONCEREJECT=50.
# shellcheck source=tests/system/lib.sh
. "$(dirname "$0")/lib.sh"

grep -q 'reject 50% of good nonces' "$BED/ca/pebble.log" || fail 'this bed was not started with PEBBLE_WFE_NONCEREJECT=50'

init
for ((round = 1; round <= 20; ++round)); do
  sealring -q issue -d "n$round.test" || fail "issuance $round of 20"
done
judge n20.test
echo "20 issuances of 20, in $(grep -c 'calling handler' "$BED/ca/pebble.log") requests"
